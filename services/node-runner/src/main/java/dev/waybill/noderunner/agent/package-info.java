/**
 * Follows assignments: one thread of its own per container, one record per container on disk, and a
 * report on the log for everything that happened. After a kill it finds its containers again.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.agent;
