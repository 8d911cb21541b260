/**
 * Commands run inside a JVM that is warm already, for a caller at the other end of a unix socket: a
 * static program of C that passes on arguments, streams and terminal. A command then takes
 * milliseconds; starting a JVM for it would take most of its time.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.warm;
