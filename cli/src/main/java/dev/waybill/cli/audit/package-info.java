/** Commands about the log. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.audit;
