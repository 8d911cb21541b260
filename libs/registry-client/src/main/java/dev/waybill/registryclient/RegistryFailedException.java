package dev.waybill.registryclient;

import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** A registry has no good answer; the message says which registry, and what it said. */
public final class RegistryFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final Trouble trouble;
  private final Duration retryAfter;

  RegistryFailedException(Trouble trouble, String message) {
    this(trouble, message, Duration.ZERO);
  }

  RegistryFailedException(Trouble trouble, String message, @Nullable Throwable cause) {
    super(message, cause);
    this.trouble = trouble;
    this.retryAfter = Duration.ZERO;
  }

  RegistryFailedException(Trouble trouble, String message, Duration retryAfter) {
    super(message);
    this.trouble = trouble;
    this.retryAfter = retryAfter;
  }

  /** For how long the registry doesn't want to be asked; zero if it doesn't say. */
  public Duration retryAfter() {
    return retryAfter;
  }

  public Trouble trouble() {
    return trouble;
  }

  /** Of what kind. */
  public enum Trouble {
    /** There is no such thing, or none for us without a log-in. */
    NOT_FOUND,
    /** The registry wants another log-in, or none will do. */
    UNAUTHORIZED,
    /** The registry doesn't answer, or not in a way that we know. */
    UNREACHABLE,
    /** The registry said to come back later, more often than we do. */
    BUSY,
    /** The registry sent us where we don't go. */
    REDIRECT_REFUSED
  }
}
