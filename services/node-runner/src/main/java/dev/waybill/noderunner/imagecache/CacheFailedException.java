package dev.waybill.noderunner.imagecache;

import dev.waybill.noderunner.imagecache.CacheOutcome.Failed;
import dev.waybill.noderunner.imagecache.CacheOutcome.Reason;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** Ends a fetch from deep inside; {@link ImageCache} turns it into an outcome. */
final class CacheFailedException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  CacheFailedException(Reason reason, String message) {
    this(reason, message, null);
  }

  CacheFailedException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  Failed outcome() {
    return new Failed(reason, String.valueOf(getMessage()));
  }
}
