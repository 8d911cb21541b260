/** Logs, and the standard streams of running processes. */
@org.jspecify.annotations.NullMarked
package dev.waybill.noderunner.stream;
