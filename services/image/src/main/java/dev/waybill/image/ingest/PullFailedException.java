package dev.waybill.image.ingest;

import dev.waybill.image.ingest.PullOutcome.Reason;
import org.jspecify.annotations.Nullable;

/** Ends a pull from deep inside; {@link Puller} turns it into an outcome. */
final class PullFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Reason reason;

  PullFailedException(Reason reason, String message) {
    this(reason, message, null);
  }

  PullFailedException(Reason reason, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.reason = reason;
  }

  PullOutcome.Failed outcome() {
    return new PullOutcome.Failed(reason, String.valueOf(getMessage()));
  }
}
