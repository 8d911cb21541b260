package dev.waybill.oci.layer;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;

/** The bytes of a file, wherever they are. */
public interface FileContent {
  /** How many bytes {@link #open} delivers. */
  long size();

  /** The bytes from the first on; the caller closes. */
  InputStream open() throws IOException;

  /** Bytes in memory. */
  static FileContent of(byte[] bytes) {
    return new FileContent() {
      @Override
      public long size() {
        return bytes.length;
      }

      @Override
      public InputStream open() {
        return new ByteArrayInputStream(bytes);
      }
    };
  }

  /** A text in UTF-8. */
  static FileContent of(String text) {
    return of(text.getBytes(StandardCharsets.UTF_8));
  }
}
