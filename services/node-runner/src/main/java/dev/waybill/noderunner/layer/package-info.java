/**
 * Unpacks a layer: a stream of tar, plain or packed, becomes a directory as overlayfs wants it.
 * Decides what an entry may do and refuses the layer as a whole where one does more: leaves the
 * directory, by a path, through a symbolic link or by a hard link; or is over a limit.
 *
 * <p>A layer is unpacked by itself, not on top of the ones below. A whiteout becomes a device 0/0,
 * an opaque directory gets {@code trusted.overlay.opaque}. A layer's own attributes of that
 * namespace are left out: they would let it speak to overlayfs.
 *
 * <p>No path is ever resolved from a string alone: parents are opened with {@code openat2} beneath
 * the root, and the last component is used relative to that descriptor without following links. The
 * calls Java lacks are in {@code LinuxFiles}.
 *
 * <p>Gzip is inflated by ISA-L where the host has it, else by Java; both refuse the same.
 *
 * <p>Needs Linux 5.6 or newer and the right to make device nodes.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.layer;
