package dev.waybill.oci.image;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;

/**
 * A place in a JSON document of somebody else's: reads typed fields, and says where it stands when
 * one is missing or wrong. Unknown fields are left alone, repeated ones are refused, since two
 * readers could take a different one.
 */
record JsonDocument(JsonNode node, String path) {
  private static final int DEPTH_MAX = 32;
  private static final ObjectMapper MAPPER =
      new ObjectMapper(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.builder().maxNestingDepth(DEPTH_MAX).build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);

  static JsonDocument parse(byte[] content, int bytesMax) {
    if (content.length > bytesMax) {
      throw new MalformedImageException(
          "document of " + content.length + " bytes is over the limit of " + bytesMax);
    }
    try {
      JsonNode root = MAPPER.readTree(content);
      if (root == null || !root.isObject()) {
        throw new MalformedImageException("document is not a JSON object");
      }
      return new JsonDocument(root, "$");
    } catch (IOException e) {
      throw new MalformedImageException("document is not JSON: " + firstLine(e), e);
    }
  }

  private static String firstLine(IOException e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  boolean has(String field) {
    return node.hasNonNull(field);
  }

  Optional<JsonDocument> optional(String field) {
    JsonNode child = node.get(field);
    return child == null || child.isNull()
        ? Optional.empty()
        : Optional.of(new JsonDocument(child, path + "." + field));
  }

  JsonDocument required(String field) {
    return optional(field).orElseThrow(() -> fault("field '" + field + "' is missing"));
  }

  String text() {
    if (!node.isTextual()) {
      throw fault("expected a string");
    }
    return node.textValue();
  }

  String textOr(String field, String otherwise) {
    return optional(field).map(JsonDocument::text).orElse(otherwise);
  }

  long integer() {
    if (!node.isIntegralNumber() || !node.canConvertToLong()) {
      throw fault("expected a whole number");
    }
    return node.longValue();
  }

  boolean truth() {
    if (!node.isBoolean()) {
      throw fault("expected true or false");
    }
    return node.booleanValue();
  }

  /** The value that {@code reader} makes of this string; its complaint gets the place added. */
  <T> T as(Function<String, T> reader) {
    try {
      return reader.apply(text());
    } catch (IllegalArgumentException | java.time.DateTimeException e) {
      throw new MalformedImageException(path + ": " + e.getMessage(), e);
    }
  }

  List<JsonDocument> elements(String field, int max) {
    Optional<JsonDocument> array = optional(field);
    if (array.isEmpty()) {
      return List.of();
    }
    return array.get().elements(max);
  }

  private List<JsonDocument> elements(int max) {
    if (!node.isArray()) {
      throw fault("expected an array");
    }
    if (node.size() > max) {
      throw fault("has " + node.size() + " entries, over the limit of " + max);
    }
    List<JsonDocument> found = new ArrayList<>();
    for (int i = 0; i < node.size(); i++) {
      found.add(new JsonDocument(node.get(i), path + "[" + i + "]"));
    }
    return found;
  }

  List<String> texts(String field) {
    return elements(field, Integer.MAX_VALUE).stream().map(JsonDocument::text).toList();
  }

  SortedMap<String, String> textMap(String field) {
    SortedMap<String, String> found = new TreeMap<>();
    for (Map.Entry<String, JsonDocument> entry : members(field).entrySet()) {
      found.put(entry.getKey(), entry.getValue().text());
    }
    return found;
  }

  /** The names in an object that stands for a set: {@code {"80/tcp": {}}}. */
  SortedSet<String> names(String field) {
    return new TreeSet<>(members(field).keySet());
  }

  private SortedMap<String, JsonDocument> members(String field) {
    SortedMap<String, JsonDocument> found = new TreeMap<>();
    Optional<JsonDocument> object = optional(field);
    if (object.isEmpty()) {
      return found;
    }
    JsonDocument place = object.get();
    if (!place.node.isObject()) {
      throw place.fault("expected an object");
    }
    place
        .node
        .properties()
        .forEach(
            member ->
                found.put(
                    member.getKey(),
                    new JsonDocument(member.getValue(), place.path + "." + member.getKey())));
    return found;
  }

  MalformedImageException fault(String what) {
    return new MalformedImageException(path + ": " + what);
  }
}
