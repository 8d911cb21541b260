package dev.waybill.image.ingest;

import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.registryclient.RegistryFailedException;
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

  /** What a registry's failure means for the pull. */
  static PullFailedException of(RegistryFailedException e) {
    Reason reason =
        switch (e.trouble()) {
          case NOT_FOUND -> Reason.NOT_FOUND;
          case UNAUTHORIZED -> Reason.UNAUTHORIZED;
          case UNREACHABLE -> Reason.UNREACHABLE;
          case BUSY -> Reason.BUSY;
          case REDIRECT_REFUSED -> Reason.REDIRECT_REFUSED;
        };
    return new PullFailedException(reason, String.valueOf(e.getMessage()), e);
  }

  PullOutcome.Failed outcome() {
    return new PullOutcome.Failed(reason, String.valueOf(getMessage()));
  }
}
