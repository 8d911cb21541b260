/**
 * The guided run, {@code ./waybill demo}: the platform's main job on real images, each step proved
 * by the event that the log holds for it, and the host as it was in the end.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.demo;
