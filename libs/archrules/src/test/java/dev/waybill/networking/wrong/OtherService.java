package dev.waybill.networking.wrong;

import dev.waybill.scheduling.wrong.ClockHelper;
import java.lang.foreign.Arena;
import java.sql.SQLException;
import software.amazon.awssdk.services.s3.S3Client;

/** Breaks rules on purpose. */
public final class OtherService {
  public long now() throws SQLException {
    try (var arena = Arena.ofConfined()) {
      return arena.allocate(8).byteSize() + new ClockHelper().now();
    }
  }

  public void close(S3Client storage) {
    storage.close();
  }
}
