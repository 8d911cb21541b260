/**
 * The log as the rest of Waybill sees it: events with identity and cause, atomic appends by fenced
 * writers, reads and subscriptions by offset or time, and the loop that turns a pure decider into a
 * service. No framework, no broker: {@link dev.waybill.eventlog.InMemoryEventLog} keeps the whole
 * contract in a list, and {@code libs/eventlog-kafka} keeps it on Kafka.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.eventlog;
