package dev.waybill.registryclient;

import org.jspecify.annotations.Nullable;

/** There may be a log-in, but it can't be had; the message says why and what to do. */
public final class CredentialsUnusableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  CredentialsUnusableException(String message) {
    this(message, null);
  }

  CredentialsUnusableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
