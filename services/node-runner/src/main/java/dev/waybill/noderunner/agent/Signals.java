package dev.waybill.noderunner.agent;

import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;

/**
 * Signals by name and number, as of x86 and arm.
 *
 * @see <a href="https://man7.org/linux/man-pages/man7/signal.7.html">signal(7)</a>
 */
final class Signals {
  static final int TERM = 15;
  private static final int REALTIME_FIRST = 34;
  private static final int REALTIME_LAST = 64;
  private static final String[] NAMES = {
    "HUP", "INT", "QUIT", "ILL", "TRAP", "ABRT", "BUS", "FPE", "KILL", "USR1", "SEGV", "USR2",
    "PIPE", "ALRM", "TERM", "STKFLT", "CHLD", "CONT", "STOP", "TSTP", "TTIN", "TTOU", "URG", "XCPU",
    "XFSZ", "VTALRM", "PROF", "WINCH", "IO", "PWR", "SYS"
  };
  private static final Map<String, Integer> NUMBERS = numbers();

  private Signals() {}

  private static Map<String, Integer> numbers() {
    var numbers = new TreeMap<String, Integer>();
    for (int i = 0; i < NAMES.length; i++) {
      numbers.put(NAMES[i], i + 1);
    }
    return numbers;
  }

  /** {@code SIGKILL} for 9; {@code SIGRTMIN+1} for 35. */
  static String name(int number) {
    if (number >= 1 && number <= NAMES.length) {
      return "SIG" + NAMES[number - 1];
    }
    return number >= REALTIME_FIRST && number <= REALTIME_LAST
        ? "SIGRTMIN+" + (number - REALTIME_FIRST)
        : "signal " + number;
  }

  /** The number of {@code SIGKILL}, {@code KILL} or {@code 9}; empty for what is no signal. */
  static OptionalInt number(String text) {
    if (text.matches("\\d{1,2}")) {
      int number = Integer.parseInt(text);
      return number >= 1 && number <= REALTIME_LAST ? OptionalInt.of(number) : OptionalInt.empty();
    }
    String upper = text.toUpperCase(Locale.ROOT);
    Integer number = NUMBERS.get(upper.startsWith("SIG") ? upper.substring(3) : upper);
    return number == null ? OptionalInt.empty() : OptionalInt.of(number);
  }
}
