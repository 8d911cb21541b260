package dev.waybill.image.pieces;

/** A layer's table of contents makes no sense, or is over a limit. */
public final class MalformedTableException extends Exception {
  private static final long serialVersionUID = 1L;

  MalformedTableException(String message) {
    super(message);
  }

  MalformedTableException(String message, Throwable cause) {
    super(message, cause);
  }
}
