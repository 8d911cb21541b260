/** Pure questions to a list of events in causal order: timelines, chains of causes, past states. */
@org.jspecify.annotations.NullMarked
package dev.waybill.audit.history;
