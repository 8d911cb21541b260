package dev.waybill.image.store;

import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/** There is no room left; nothing half-written stays. */
public final class StoreFullException extends StoreFailedException {
  private static final long serialVersionUID = 1L;

  StoreFullException(String directory, IOException cause) {
    super(
        "no space left in " + directory + ", free some or remove images with waybill image rm",
        cause);
  }

  /** The same failure as a full store if that is what it is: Java has no type of its own for it. */
  static IOException orSame(String directory, IOException failure) {
    String message = Optional.ofNullable(failure.getMessage()).orElse("").toLowerCase(Locale.ROOT);
    return message.contains("no space left") || message.contains("quota exceeded")
        ? new StoreFullException(directory, failure)
        : failure;
  }
}
