/** Tables, JSON, YAML and bare names: what people and scripts read. */
@org.jspecify.annotations.NullMarked
package dev.waybill.cli.output;
