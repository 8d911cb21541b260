package dev.waybill.cli.output;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintStream;
import picocli.CommandLine.Option;

/** {@code -o table|json|yaml|name} */
public final class OutputOption {
  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORMAT",
      description = "table, json, yaml or name (default: table).")
  Format format = Format.TABLE;

  /** Prints a list in the wanted form. */
  public void print(Listing listing, Iterable<JsonNode> items, PrintStream out) {
    listing.print(format, items, out);
  }

  public Format format() {
    return format;
  }
}
