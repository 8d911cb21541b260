/** Runs the decider on the log. */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync.edge;
