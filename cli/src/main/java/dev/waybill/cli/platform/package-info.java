/** Commands about the platform itself. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.platform;
