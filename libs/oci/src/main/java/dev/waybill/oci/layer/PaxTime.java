package dev.waybill.oci.layer;

import java.math.BigDecimal;
import java.time.Instant;

/** Times as PAX headers write them: seconds since 1970 with a decimal fraction. */
final class PaxTime {
  private PaxTime() {}

  static String text(Instant instant) {
    return BigDecimal.valueOf(instant.getEpochSecond())
        .add(BigDecimal.valueOf(instant.getNano(), 9))
        .stripTrailingZeros()
        .toPlainString();
  }
}
