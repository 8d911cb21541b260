/**
 * Answers from the whole log: what happened, why, how it was, and whether it would be decided the
 * same again.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.audit;
