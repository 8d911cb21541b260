/** {@code waybill}, the command line: a client of the platform's API. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli;
