/**
 * The fleet as a fold of the log: what exists, where, in which state and since when. The platform's
 * API serves it live; audit folds the same to any moment of the past, so both say the same.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.fleet;
