package dev.waybill.oci.runtime;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/** What members stand for that a document leaves out: JSON's null never travels further. */
final class Absent {
  private Absent() {}

  static String text(@Nullable String value) {
    return value == null ? "" : value;
  }

  static <T> List<T> list(@Nullable List<T> value) {
    return value == null ? List.of() : List.copyOf(value);
  }

  /** Keeps the document's order, so that what is derived from it is the same every time. */
  static <V> SequencedMap<String, V> map(@Nullable SequencedMap<String, V> value) {
    return value == null
        ? Collections.unmodifiableSequencedMap(new LinkedHashMap<>())
        : Collections.unmodifiableSequencedMap(new LinkedHashMap<>(value));
  }
}
