/** Whom a command runs for: its streams, directory, environment and terminal. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.caller;
