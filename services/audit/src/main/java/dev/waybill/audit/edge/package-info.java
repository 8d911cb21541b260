/** Reads the log and answers over HTTP. */
@org.jspecify.annotations.NullMarked
package dev.waybill.audit.edge;
