package dev.waybill.nativerunner.network;

/** A network request that is refused. */
public final class NetworkException extends Exception {
  private static final long serialVersionUID = 1L;

  private final boolean missing;
  private final String message;

  private NetworkException(String message, boolean missing) {
    super(message);
    this.message = message;
    this.missing = missing;
  }

  static NetworkException notFound(String message) {
    return new NetworkException(message, true);
  }

  static NetworkException refused(String message) {
    return new NetworkException(message, false);
  }

  /** Whether something that was named does not exist. */
  public boolean isMissing() {
    return missing;
  }

  /** What is refused and why. */
  public String message() {
    return message;
  }
}
