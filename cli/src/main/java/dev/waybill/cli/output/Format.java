package dev.waybill.cli.output;

/** How a listing is printed. */
public enum Format {
  /** Columns for people. */
  TABLE,
  /** For scripts; stable. */
  JSON,
  /** The same content as JSON. */
  YAML,
  /** One name a line. */
  NAME
}
