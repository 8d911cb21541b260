package dev.waybill.image.edge;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A certificate with its key, as files.
 *
 * @param certificate with its chain, PEM
 * @param key private, PEM
 */
record TlsFiles(Path certificate, Path key) {
  /** What is in the files at one moment. */
  record Content(String certificate, String key) {
    PemKeyCertOptions options() {
      return new PemKeyCertOptions()
          .setCertValue(Buffer.buffer(certificate))
          .setKeyValue(Buffer.buffer(key));
    }

    @Override
    public String toString() {
      return "Content[certificate=" + certificate + "]"; // The key is never printed.
    }
  }

  Content read() {
    try {
      return new Content(Files.readString(certificate), Files.readString(key));
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot read the registry's certificate " + certificate + " and its key " + key, e);
    }
  }
}
