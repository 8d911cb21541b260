/** What the fields of a gate policy mean, for all who read them. */
@org.jspecify.annotations.NullMarked
package dev.waybill.contracts.gate;
