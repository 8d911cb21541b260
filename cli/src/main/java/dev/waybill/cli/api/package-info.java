/** Where the platform is, and how it is asked. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.api;
