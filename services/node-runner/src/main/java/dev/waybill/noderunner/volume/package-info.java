/** Named volumes of this node, and the host paths that mounts stand for. */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.volume;
