/**
 * Decides what a container's {@code config.json} says: the image's wishes, the user's above them,
 * and the defaults that keep a host safe below both. Pure.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.bundle;
