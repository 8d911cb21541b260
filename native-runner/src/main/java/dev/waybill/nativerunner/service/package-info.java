/**
 * The runner's service: the table of containers of one root directory, what may be asked of a
 * container in which state, and its recovery after a restart. Served by gRPC on a unix socket to
 * root and one configured uid.
 *
 * <p>A container moves from created over running to stopped, with paused as a detour from running.
 * What is known about it lives in {@code ROOT/ID/}: {@code container.json} (written before the
 * executor is spawned), {@code pids} and {@code exit} (by executor and monitor), {@code started}.
 * All are written to a temporary name and renamed. A monitor holds a lock on {@code ROOT/ID/lock}
 * as long as it lives.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.service;
