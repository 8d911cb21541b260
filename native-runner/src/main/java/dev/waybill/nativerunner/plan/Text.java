package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.Capability;
import java.util.ArrayList;
import java.util.List;

/** How fields of operations are shown to people. */
final class Text {
  private Text() {}

  /** Names of bits, in the order in which they are shown. */
  record Flags(List<String> names, List<Long> bits) {
    String show(long value) {
      if (value == 0) {
        return "none";
      }
      List<String> shown = new ArrayList<>();
      long rest = value;
      for (int i = 0; i < bits.size(); i++) {
        long bit = bits.get(i);
        if ((value & bit) == bit) {
          shown.add(names.get(i));
          rest &= ~bit;
        }
      }
      if (rest != 0) {
        shown.add("0x" + Long.toHexString(rest));
      }
      return String.join(",", shown);
    }
  }

  static final Flags NAMESPACES =
      new Flags(
          List.of("user", "mount", "pid", "network", "ipc", "uts", "cgroup", "time"),
          List.of(
              0x10000000L,
              0x20000L,
              0x20000000L,
              0x40000000L,
              0x8000000L,
              0x4000000L,
              0x2000000L,
              0x80L));

  static final Flags MONITOR =
      new Flags(List.of("stdin", "terminal", "hold", "output"), List.of(1L, 2L, 4L, 8L));

  static final Flags PROPAGATION =
      new Flags(
          List.of("recursive", "shared", "slave", "private", "unbindable"),
          List.of(1L << 14, 1L << 20, 1L << 19, 1L << 18, 1L << 17));

  static final Flags ATTRIBUTES =
      new Flags(
          List.of(
              "ro",
              "nosuid",
              "nodev",
              "noexec",
              "atime-mask",
              "noatime",
              "strictatime",
              "nodiratime",
              "nosymfollow"),
          List.of(1L, 2L, 4L, 8L, 0x70L, 0x10L, 0x20L, 0x80L, 0x200000L));

  static final Flags CAPABILITIES = capabilities();

  private static Flags capabilities() {
    List<String> names = new ArrayList<>();
    List<Long> bits = new ArrayList<>();
    for (Capability capability : Capability.values()) {
      names.add(capability.shortName());
      bits.add(capability.bit());
    }
    return new Flags(names, bits);
  }

  /** Quotes what isn't plainly a word, so that a line of a plan can be read back by eye. */
  static String quoted(String text) {
    if (!text.isEmpty() && text.chars().allMatch(c -> c > ' ' && c < 0x7f && c != '"')) {
      return text;
    }
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      switch (c) {
        case '"' -> out.append("\\\"");
        case '\n' -> out.append("\\n");
        case '\t' -> out.append("\\t");
        default -> out.append(c < ' ' ? "\\x%02x".formatted((int) c) : String.valueOf(c));
      }
    }
    return out.append('"').toString();
  }
}
