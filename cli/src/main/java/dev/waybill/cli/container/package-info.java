/** Commands about containers. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.container;
