/** Runs the decider on the log, and looks at upstreams for it. */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync.edge;
