package dev.waybill.nativerunner.seccomp;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.Map;
import java.util.OptionalInt;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Numbers of system calls by name on one architecture. */
final class SyscallTable {
  private final Map<String, Integer> numbers;

  private SyscallTable(Map<String, Integer> numbers) {
    this.numbers = numbers;
  }

  static SyscallTable x86_64() {
    return Architecture.X86_64.table();
  }

  static SyscallTable read(String resource) {
    Map<String, Integer> numbers = new TreeMap<>();
    try (InputStream in = SyscallTable.class.getResourceAsStream(resource)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + resource);
      }
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        int space = line.indexOf(' ');
        numbers.put(line.substring(0, space), Integer.parseInt(line.substring(space + 1).strip()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + resource, e);
    }
    return new SyscallTable(Collections.unmodifiableMap(numbers));
  }

  /** The call's number; empty for a call that this architecture doesn't have. */
  OptionalInt number(String name) {
    Integer number = numbers.get(name);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }

  /** Every name, in order. */
  SortedSet<String> names() {
    return new TreeSet<>(numbers.keySet());
  }
}
