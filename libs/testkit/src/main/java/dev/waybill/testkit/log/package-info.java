/**
 * What every implementation of the log must keep, as tests; and a world of a log, a clock and ids
 * from a seed.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.testkit.log;
