/**
 * The image service's outside: HTTP routes of the registry, configuration, the log, wiring, clock
 * and ids.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.edge;
