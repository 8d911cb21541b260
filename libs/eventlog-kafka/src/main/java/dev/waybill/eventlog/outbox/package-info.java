/**
 * Carries events that a service wrote to a table in its own transaction to the log: once each, in
 * the order of their sequence numbers, whatever is killed when.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.eventlog.outbox;
