package dev.waybill.noderunner.snapshot;

import dev.waybill.noderunner.graph.Root;

/**
 * What a container stands on.
 *
 * @param id of the container
 * @param root what to make its root of
 */
public record Snapshot(SnapshotId id, Root root) {}
