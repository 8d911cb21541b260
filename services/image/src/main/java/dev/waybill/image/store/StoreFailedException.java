package dev.waybill.image.store;

import java.io.IOException;

/**
 * The store can't take or give content now, whoever asks for whichever: it is full, out of reach,
 * or not ours to use. It says nothing about the content.
 */
public sealed class StoreFailedException extends IOException permits StoreFullException {
  private static final long serialVersionUID = 1L;

  /**
   * @param message what is wrong and what to do, in one line
   */
  public StoreFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  /**
   * @param message what is wrong and what to do, in one line
   */
  public StoreFailedException(String message) {
    super(message);
  }
}
