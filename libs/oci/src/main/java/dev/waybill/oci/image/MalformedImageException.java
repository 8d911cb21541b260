package dev.waybill.oci.image;

import org.jspecify.annotations.Nullable;

/** A document that isn't what it claims to be; the message names the field and its value. */
public final class MalformedImageException extends IllegalArgumentException {
  private static final long serialVersionUID = 1L;

  public MalformedImageException(String message) {
    super(message);
  }

  public MalformedImageException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}
