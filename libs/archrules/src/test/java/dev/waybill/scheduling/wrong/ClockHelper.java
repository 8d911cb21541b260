package dev.waybill.scheduling.wrong;

import java.sql.SQLException;
import java.time.Instant;
import java.util.Random;

/** Breaks rules on purpose. */
public final class ClockHelper {
  public long now() throws SQLException {
    if (new Random().nextBoolean()) {
      throw new SQLException("no");
    }
    return Instant.now().toEpochMilli();
  }
}
