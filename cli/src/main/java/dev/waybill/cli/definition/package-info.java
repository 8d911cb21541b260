/** Commands about workloads and the files that define them. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.definition;
