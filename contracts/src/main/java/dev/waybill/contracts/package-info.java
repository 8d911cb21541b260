/**
 * The catalogue of event types and topics: what services share about each other, and nothing else.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.contracts;
