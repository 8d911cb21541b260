package dev.waybill.allinone;

import java.io.IOException;
import java.io.StringReader;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;

/** Rendered Kubernetes objects, and what of them a test asks for. */
final class Manifests {
  private final List<Map<String, Object>> objects = new ArrayList<>();

  /** A Deployment or DaemonSet, or one container of it. */
  record Workload(String name, Map<String, Object> pod) {
    List<Map<String, Object>> containers() {
      return maps(pod.get("containers"));
    }
  }

  Manifests(String yaml) {
    for (Object document : new Load(LoadSettings.builder().build()).loadAllFromString(yaml)) {
      objects.add(map(document));
    }
  }

  @SuppressWarnings("unchecked")
  static Map<String, Object> map(Object node) {
    return node == null ? Map.of() : (Map<String, Object>) node;
  }

  @SuppressWarnings("unchecked")
  static List<Map<String, Object>> maps(Object node) {
    return node == null ? List.of() : (List<Map<String, Object>>) node;
  }

  static List<String> strings(Object node) {
    return node == null ? List.of() : ((List<?>) node).stream().map(String::valueOf).toList();
  }

  /** What is below these names, null where there is nothing. */
  static Object at(Object node, String... path) {
    Object at = node;
    for (String name : path) {
      at = map(at).get(name);
    }
    return at;
  }

  List<Map<String, Object>> ofKind(String kind) {
    return objects.stream().filter(object -> kind.equals(object.get("kind"))).toList();
  }

  static String name(Map<String, Object> object) {
    return String.valueOf(at(object, "metadata", "name"));
  }

  List<String> names(String kind) {
    return ofKind(kind).stream().map(Manifests::name).toList();
  }

  List<Workload> workloads() {
    return Stream.of("Deployment", "DaemonSet", "StatefulSet")
        .flatMap(kind -> ofKind(kind).stream())
        .map(object -> new Workload(name(object), map(at(object, "spec", "template", "spec"))))
        .toList();
  }

  /** The services' settings: file name to content. */
  Map<String, Properties> files() {
    Map<String, Properties> files = new LinkedHashMap<>();
    for (Map<String, Object> configMap : ofKind("ConfigMap")) {
      map(configMap.get("data"))
          .forEach((file, text) -> files.put(file, properties(String.valueOf(text))));
    }
    return files;
  }

  private static Properties properties(String text) {
    var properties = new Properties();
    try {
      properties.load(new StringReader(text));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return properties;
  }

  /** The values after each {@code --name} of a container's arguments. */
  static List<String> option(Map<String, Object> container, String name) {
    List<String> arguments = strings(container.get("args"));
    var values = new ArrayList<String>();
    for (int i = 0; i + 1 < arguments.size(); i++) {
      if (arguments.get(i).equals(name)) {
        values.add(arguments.get(i + 1));
      }
    }
    return values;
  }

  static TreeSet<String> environment(Map<String, Object> container) {
    var names = new TreeSet<String>();
    maps(container.get("env")).forEach(variable -> names.add(String.valueOf(variable.get("name"))));
    return names;
  }

  /** Calls back for each value that stands under {@code name}, anywhere below. */
  static void each(Object node, String name, Consumer<Object> found) {
    if (node instanceof Map<?, ?> fields) {
      fields.forEach(
          (key, value) -> {
            if (name.equals(key)) {
              found.accept(value);
            }
            each(value, name, found);
          });
    } else if (node instanceof List<?> items) {
      items.forEach(item -> each(item, name, found));
    }
  }
}
