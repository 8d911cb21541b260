package dev.waybill.eventlog;

import dev.waybill.kernel.Digest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/** Ids that follow from a cause, so that the same decision always has the same id. */
public final class EventIds {
  private EventIds() {}

  /**
   * The id of the {@code index}th event that {@code source} derives from the event {@code causeId}:
   * a UUID of version 8 (RFC 9562, 5.8) over their SHA-256.
   */
  public static String derived(String causeId, String source, int index) {
    ByteBuffer hash = ByteBuffer.wrap(hash(causeId + "\n" + source + "\n" + index));
    long high = hash.getLong() & ~0xF000L | 0x8000L;
    long low = hash.getLong() & 0x3FFF_FFFF_FFFF_FFFFL | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /** 32 hexadecimal digits that follow from the parts: a container's id, an image request's id. */
  public static String derivedHex(String... parts) {
    return HexFormat.of().formatHex(hash(String.join("\n", parts)), 0, 16);
  }

  /**
   * The trace context of the work on an event: the same trace as its cause, and a span that follows
   * from the event's id; null where the cause has none.
   */
  public static @Nullable String traceparent(@Nullable String ofCause, String eventId) {
    if (ofCause == null || ofCause.length() != 55) {
      return null;
    }
    String span = HexFormat.of().formatHex(hash("span\n" + eventId), 0, 8);
    return ofCause.substring(0, 36) + span + ofCause.substring(52);
  }

  private static byte[] hash(String text) {
    MessageDigest sha256 = Digest.sha256();
    return sha256.digest(text.getBytes(StandardCharsets.UTF_8));
  }
}
