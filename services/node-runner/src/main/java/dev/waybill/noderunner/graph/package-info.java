/**
 * Makes one root of an image's layers and of what a container writes, in one of three ways behind
 * one interface, {@link dev.waybill.noderunner.graph.GraphDriver}. Decides which way a host takes
 * where nobody said ({@link dev.waybill.noderunner.graph.GraphChoice}).
 *
 * <p>What a container has in its directory, by driver:
 *
 * <pre>
 * overlay          upper, work, rootfs (empty; native-runner mounts on it in the container)
 * fuse-overlayfs   upper, work, rootfs (mounted on the host by the program), server, server.log
 * copy             rootfs (a tree of its own), copied (when it was complete)
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.graph;
