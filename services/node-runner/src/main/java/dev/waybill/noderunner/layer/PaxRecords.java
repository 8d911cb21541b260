package dev.waybill.noderunner.layer;

import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What an extended header says: {@code LENGTH KEY=VALUE\n}, the value being any bytes.
 *
 * @param values by key
 */
record PaxRecords(Map<String, byte[]> values) {
  static final PaxRecords NONE = new PaxRecords(Map.of());

  private static final String XATTR = "SCHILY.xattr.";
  private static final int LENGTH_DIGITS_MAX = 9;

  static PaxRecords parse(byte[] body) throws LayerRefusedException {
    Map<String, byte[]> values = new TreeMap<>();
    int at = 0;
    while (at < body.length) {
      int space = indexOf(body, ' ', at, Math.min(body.length, at + LENGTH_DIGITS_MAX + 1));
      int length = space < 0 ? -1 : digits(body, at, space);
      int end = at + length;
      int equals = length < 0 || end > body.length ? -1 : indexOf(body, '=', space + 1, end);
      if (equals < 0 || body[end - 1] != '\n') {
        throw LayerRefusedException.malformed("not a record of an extended tar header");
      }
      byte[] value = new byte[end - 1 - (equals + 1)];
      System.arraycopy(body, equals + 1, value, 0, value.length);
      values.put(RawName.of(body, space + 1, equals - space - 1), value);
      at = end;
    }
    return new PaxRecords(values);
  }

  private static int indexOf(byte[] body, char wanted, int from, int to) {
    for (int i = from; i < to; i++) {
      if (body[i] == wanted) {
        return i;
      }
    }
    return -1;
  }

  private static int digits(byte[] body, int from, int to) {
    int value = 0;
    for (int i = from; i < to; i++) {
      if (body[i] < '0' || body[i] > '9') {
        return -1;
      }
      value = value * 10 + body[i] - '0';
    }
    return from == to ? -1 : value;
  }

  Optional<String> text(String key) {
    byte[] value = values.get(key);
    return value == null ? Optional.empty() : Optional.of(RawName.of(value, 0, value.length));
  }

  Optional<Long> number(String key) throws LayerRefusedException {
    Optional<String> text = text(key);
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(Long.parseLong(text.get()));
    } catch (NumberFormatException e) {
      throw LayerRefusedException.malformed(
          "'" + key + "' of a tar header is no number: '" + RawName.shown(text.get()) + "'");
    }
  }

  SortedMap<String, byte[]> extendedAttributes() {
    SortedMap<String, byte[]> found = new TreeMap<>();
    values.forEach(
        (key, value) -> {
          if (key.startsWith(XATTR)) {
            found.put(key.substring(XATTR.length()), value);
          }
        });
    return found;
  }

  /** Whether a sparse file follows whose pieces are said one by one, which loses all but one. */
  boolean isOldestSparse() {
    return values.containsKey("GNU.sparse.offset");
  }
}
