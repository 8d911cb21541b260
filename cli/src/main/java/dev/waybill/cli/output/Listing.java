package dev.waybill.cli.output;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.snakeyaml.engine.v2.api.Dump;
import org.snakeyaml.engine.v2.api.DumpSettings;
import org.snakeyaml.engine.v2.common.FlowStyle;

/** A list of things with columns. */
public final class Listing {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final String GAP = "  ";

  private final List<String> titles = new ArrayList<>();
  private final List<Function<JsonNode, String>> columns = new ArrayList<>();
  private final String nameField;

  /**
   * @param nameField the field that {@link Format#NAME} prints
   */
  public Listing(String nameField) {
    this.nameField = nameField;
  }

  public Listing column(String title, Function<JsonNode, String> value) {
    titles.add(title);
    columns.add(value);
    return this;
  }

  /** A column that shows a field as it is. */
  public Listing column(String title, String field) {
    return column(title, item -> item.path(field).asText());
  }

  public void print(Format format, Iterable<JsonNode> items, PrintStream out) {
    switch (format) {
      case TABLE -> table(items, out);
      case JSON -> out.println(json(array(items)));
      case YAML -> out.print(yaml(array(items)));
      case NAME -> items.forEach(item -> out.println(item.path(nameField).asText()));
    }
  }

  private static JsonNode array(Iterable<JsonNode> items) {
    var array = JSON.createArrayNode();
    items.forEach(array::add);
    return array;
  }

  /** JSON with line breaks. */
  public static String json(JsonNode node) {
    try {
      return JSON.writerWithDefaultPrettyPrinter().writeValueAsString(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes must print", e);
    }
  }

  /** The same content as YAML. */
  public static String yaml(JsonNode node) {
    Object plain = JSON.convertValue(node, Object.class);
    return new Dump(DumpSettings.builder().setDefaultFlowStyle(FlowStyle.BLOCK).build())
        .dumpToString(plain);
  }

  private void table(Iterable<JsonNode> items, PrintStream out) {
    var rows = new ArrayList<List<String>>();
    rows.add(titles);
    for (JsonNode item : items) {
      rows.add(columns.stream().map(column -> column.apply(item)).toList());
    }
    int[] widths = new int[titles.size()];
    for (List<String> row : rows) {
      for (int i = 0; i < widths.length; i++) {
        widths[i] = Math.max(widths[i], row.get(i).length());
      }
    }
    for (List<String> row : rows) {
      var line = new StringBuilder();
      for (int i = 0; i < widths.length; i++) {
        line.append(row.get(i)).repeat(" ", widths[i] - row.get(i).length()).append(GAP);
      }
      out.println(line.toString().stripTrailing());
    }
  }
}
