package dev.waybill.nativerunner.cli;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What the command line asks: texts {@code KEY=VALUE}; a key may come several times. */
final class Request {
  private static final int BYTES_MAX = 1 << 20;

  private final Map<String, List<String>> values;

  private Request(Map<String, List<String>> values) {
    this.values = values;
  }

  static Request read(InputStream in) throws IOException {
    DataInputStream data = new DataInputStream(in);
    int size = Integer.reverseBytes(data.readInt());
    if (size < 0 || size > BYTES_MAX) {
      throw new IOException(
          "a request of " + Integer.toUnsignedString(size) + " bytes is too large");
    }
    byte[] bytes = data.readNBytes(size);
    if (bytes.length < size) {
      throw new IOException("the request ends after %d of %d bytes".formatted(bytes.length, size));
    }
    Map<String, List<String>> values = new HashMap<>();
    for (String word : new String(bytes, StandardCharsets.UTF_8).split("\0")) {
      int equals = word.indexOf('=');
      if (equals > 0) {
        values
            .computeIfAbsent(word.substring(0, equals), _ -> new ArrayList<>())
            .add(word.substring(equals + 1));
      }
    }
    return new Request(values);
  }

  /** The value; empty when there is none. */
  String text(String key) {
    List<String> found = values.getOrDefault(key, List.of());
    return found.isEmpty() ? "" : found.getFirst();
  }

  List<String> all(String key) {
    return List.copyOf(values.getOrDefault(key, List.of()));
  }

  long number(String key) {
    String text = text(key);
    return text.isEmpty() ? 0 : Long.parseLong(text);
  }

  boolean flag(String key) {
    return number(key) != 0;
  }
}
