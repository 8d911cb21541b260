/**
 * What scheduling knows of the gate: which digests may start. Folds the gate's policies, verdicts
 * and recalls; gives no verdict itself. A digest with a standing release costs a start nothing.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling.supply;
