package dev.waybill.cli.compose;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.api.lowlevel.Compose;
import org.snakeyaml.engine.v2.exceptions.MarkedYamlEngineException;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;

/** A YAML document whose every value knows its place, for complaints that help. */
final class Yaml {
  private static final int BYTES_MAX = 4 * 1024 * 1024;

  private final String file;
  private final Node node;
  private final UnaryOperator<String> interpolate;

  private Yaml(String file, Node node, UnaryOperator<String> interpolate) {
    this.file = file;
    this.node = node;
    this.interpolate = interpolate;
  }

  /** Reads a document; {@code interpolate} is applied to each scalar. */
  static Yaml parse(String file, String text, UnaryOperator<String> interpolate) {
    var settings = LoadSettings.builder().setLabel(file).setCodePointLimit(BYTES_MAX).build();
    try {
      Optional<Node> root = new Compose(settings).composeString(text);
      if (root.isEmpty()) {
        throw new ComposeException(file, 1, 1, "the file is empty, it needs 'services:'");
      }
      return new Yaml(file, root.get(), interpolate);
    } catch (MarkedYamlEngineException e) {
      int line = e.getProblemMark().map(mark -> mark.getLine() + 1).orElse(1);
      int column = e.getProblemMark().map(mark -> mark.getColumn() + 1).orElse(1);
      throw new ComposeException(file, line, column, "malformed YAML: " + e.getProblem());
    } catch (YamlEngineException e) {
      throw new ComposeException(file, 1, 1, "malformed YAML: " + e.getMessage());
    }
  }

  ComposeException wrong(String what) {
    int line = node.getStartMark().map(mark -> mark.getLine() + 1).orElse(1);
    int column = node.getStartMark().map(mark -> mark.getColumn() + 1).orElse(1);
    return new ComposeException(file, line, column, what);
  }

  private Yaml at(Node other) {
    return new Yaml(file, other, interpolate);
  }

  boolean isMapping() {
    return node instanceof MappingNode;
  }

  boolean isList() {
    return node instanceof SequenceNode;
  }

  /** The entries of a mapping, in order. */
  SequencedMap<String, Yaml> entries(String what) {
    if (!(node instanceof MappingNode mapping)) {
      throw wrong(what + " must be a mapping");
    }
    var entries = new LinkedHashMap<String, Yaml>();
    for (NodeTuple tuple : mapping.getValue()) {
      entries.put(at(tuple.getKeyNode()).text("a key"), at(tuple.getValueNode()));
    }
    return entries;
  }

  /** The entries of a mapping that may have only these keys, or extensions ({@code x-…}). */
  SequencedMap<String, Yaml> entries(String what, Set<String> known) {
    if (node instanceof MappingNode mapping) {
      for (NodeTuple tuple : mapping.getValue()) {
        Yaml key = at(tuple.getKeyNode());
        String name = key.text("a key");
        if (!known.contains(name) && !name.startsWith("x-")) {
          throw key.wrong("unknown field '%s' in %s".formatted(name, what));
        }
      }
    }
    return entries(what);
  }

  List<Yaml> items(String what) {
    if (!(node instanceof SequenceNode sequence)) {
      throw wrong(what + " must be a list");
    }
    var items = new ArrayList<Yaml>();
    sequence.getValue().forEach(item -> items.add(at(item)));
    return items;
  }

  String text(String what) {
    if (!(node instanceof ScalarNode scalar)) {
      throw wrong(what + " must be a text or number");
    }
    try {
      return interpolate.apply(scalar.getValue());
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  boolean isNull() {
    return node instanceof ScalarNode scalar
        && (scalar.getValue().isEmpty() && scalar.isPlain()
            || scalar.isPlain() && scalar.getValue().equals("null"));
  }

  long number(String what) {
    String text = text(what);
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw wrong("%s is '%s', it must be a whole number".formatted(what, text));
    }
  }

  boolean flag(String what) {
    return switch (text(what)) {
      case "true", "yes", "on" -> true;
      case "false", "no", "off" -> false;
      default -> throw wrong(what + " must be true or false");
    };
  }

  /** A list, or one text split at blanks as a shell does it. */
  List<String> words(String what) {
    return isList()
        ? items(what).stream().map(item -> item.text(what)).toList()
        : ShellWords.split(text(what));
  }

  /** A mapping, or a list of {@code KEY=VALUE}. */
  Map<String, String> pairs(String what) {
    var pairs = new LinkedHashMap<String, String>();
    if (isMapping()) {
      entries(what).forEach((key, value) -> pairs.put(key, value.isNull() ? "" : value.text(what)));
      return pairs;
    }
    for (Yaml item : items(what)) {
      String text = item.text(what);
      int equals = text.indexOf('=');
      pairs.put(
          equals < 0 ? text : text.substring(0, equals),
          equals < 0 ? "" : text.substring(equals + 1));
    }
    return pairs;
  }
}
