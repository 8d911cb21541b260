package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;

/** Where images come from. */
public interface ImageSource {
  /**
   * A manifest's bytes, unchecked.
   *
   * @param bytesMax more than these are a failure
   */
  byte[] manifest(String repository, Digest digest, int bytesMax) throws IOException;

  /**
   * A blob's bytes, unchecked, from {@code offset} on; the caller closes.
   *
   * @throws UnknownBlobException if the source has no such blob
   */
  InputStream blob(String repository, Digest digest, long offset) throws IOException;

  /** The source answered, and has no such thing or doesn't give it to us: no use to ask again. */
  final class UnknownBlobException extends IOException {
    private static final long serialVersionUID = 1L;

    UnknownBlobException(String message) {
      super(message);
    }
  }
}
