/** Deciders in tests: state set up by events, decisions read as messages. */
@org.jspecify.annotations.NullMarked
package dev.waybill.testkit.decider;
