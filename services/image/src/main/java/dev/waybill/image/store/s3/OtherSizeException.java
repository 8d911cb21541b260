package dev.waybill.image.store.s3;

import java.io.IOException;

/** An object isn't as long as what was stored: it is damaged, unlike a storage that fails. */
final class OtherSizeException extends IOException {
  private static final long serialVersionUID = 1L;

  OtherSizeException(String key) {
    super(key + " has another size than what was stored");
  }
}
