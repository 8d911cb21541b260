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
  private static final String RESOURCE = "syscalls-x86_64.txt";
  private static final SyscallTable X86_64 = new SyscallTable(read());

  private final Map<String, Integer> numbers;

  private SyscallTable(Map<String, Integer> numbers) {
    this.numbers = numbers;
  }

  static SyscallTable x86_64() {
    return X86_64;
  }

  private static Map<String, Integer> read() {
    Map<String, Integer> numbers = new TreeMap<>();
    try (InputStream in = SyscallTable.class.getResourceAsStream(RESOURCE)) {
      if (in == null) {
        throw new IllegalStateException("the jar lacks " + RESOURCE);
      }
      for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8).split("\n")) {
        int space = line.indexOf(' ');
        numbers.put(line.substring(0, space), Integer.parseInt(line.substring(space + 1).strip()));
      }
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + RESOURCE, e);
    }
    return Collections.unmodifiableMap(numbers);
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
