/**
 * A real registry over HTTP on the loopback address, in this process and in memory, for tests and
 * demonstrations: pull, push, tags, and on request the faults that real registries have.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.testkit.registry;
