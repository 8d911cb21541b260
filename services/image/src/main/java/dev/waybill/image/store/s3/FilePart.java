package dev.waybill.image.store.s3;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import software.amazon.awssdk.core.sync.RequestBody;

/** Part of a file, which is read anew each time it is sent. */
record FilePart(Path file, long offset, long length) {
  private static final int BUFFER_BYTES = 64 * 1024;

  /** As the body of a request; of it, no more than a buffer is ever in memory. */
  RequestBody body() {
    return RequestBody.fromContentProvider(this::stream, length, "application/octet-stream");
  }

  private InputStream stream() {
    try {
      return open();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + file, e);
    }
  }

  private InputStream open() throws IOException {
    InputStream whole = Files.newInputStream(file);
    try {
      whole.skipNBytes(offset);
    } catch (IOException e) {
      whole.close();
      throw e;
    }
    return new BoundedStream(whole, length);
  }

  /** What the server compares with what it got, as the header {@code Content-MD5} has it. */
  String md5() throws IOException {
    MessageDigest hash = newMd5();
    byte[] buffer = new byte[BUFFER_BYTES];
    try (InputStream content = open()) {
      for (int count = content.read(buffer); count >= 0; count = content.read(buffer)) {
        hash.update(buffer, 0, count);
      }
    }
    return Base64.getEncoder().encodeToString(hash.digest());
  }

  private static MessageDigest newMd5() {
    try {
      return MessageDigest.getInstance("MD5");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have MD5", e);
    }
  }
}
