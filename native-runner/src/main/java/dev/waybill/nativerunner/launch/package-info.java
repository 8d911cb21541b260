/**
 * Has plans executed: spawns the executor from a sealed copy of itself, hands it the plan, and
 * turns what it reports into a launched process or a failure that says call, arguments, errno,
 * config path and what to do. Reads what executor and monitor leave in a state directory.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.launch;
