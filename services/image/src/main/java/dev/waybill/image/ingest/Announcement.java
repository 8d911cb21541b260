package dev.waybill.image.ingest;

import dev.waybill.kernel.Digest;

/**
 * What is known of an image whose layers begin to arrive.
 *
 * @param repository of the platform's registry that will have it
 * @param manifest digest of the platform's manifest
 * @param layers how many it has
 * @param bytes of all layers, packed
 */
public record Announcement(String repository, Digest manifest, int layers, long bytes) {}
