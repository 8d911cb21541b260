/**
 * Traces made from the log: each event is the end of the work that wrote it, and names its cause.
 * Nothing is measured in the services, so a trace can't disagree with what happened.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.telemetry;
