package dev.waybill.kernel;

import java.math.BigDecimal;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes as people write them: {@code 64m}, {@code 1.5GiB}, {@code 1000}; units are powers of 1024.
 */
public final class ByteSize {
  private static final Pattern SIZE = Pattern.compile("(\\d+(?:\\.\\d+)?)\\s*([kmgtp]?)(?:i?b)?");
  private static final String UNITS = "kmgtp";

  private ByteSize() {}

  /**
   * Bytes of a size.
   *
   * @throws IllegalArgumentException if it is none
   */
  public static long parse(String text) {
    Matcher size = SIZE.matcher(text.strip().toLowerCase(Locale.ROOT));
    if (!size.matches()) {
      throw new IllegalArgumentException("'" + text + "' is no size, write it like 64m or 1.5g");
    }
    int power = size.group(2).isEmpty() ? 0 : UNITS.indexOf(size.group(2)) + 1;
    BigDecimal bytes = new BigDecimal(size.group(1)).multiply(BigDecimal.valueOf(1L << 10 * power));
    try {
      return bytes.toBigInteger().longValueExact();
    } catch (ArithmeticException e) {
      throw new IllegalArgumentException("'" + text + "' is more than any machine has", e);
    }
  }

  /** The size in its largest unit with one decimal: {@code 12.3 MiB}. */
  public static String format(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    int power = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    return "%.1f %siB".formatted(bytes / (double) (1L << 10 * power), "KMGTPE".charAt(power - 1));
  }
}
