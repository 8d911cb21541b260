package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.imagecache.CacheOutcome.Reason;
import dev.waybill.noderunner.imagecache.ImageSource.UnknownBlobException;
import dev.waybill.oci.image.Descriptor;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;
import org.jspecify.annotations.Nullable;

/**
 * A blob as one stream, although its connection may break: then it goes on at the byte where it
 * was. Hashes and counts on the way; who has read it to its end asks {@link #requireWhole}.
 */
final class ResumedBlob extends InputStream {
  private final ImageSource source;
  private final String repository;
  private final Descriptor blob;
  private final int breaksMax;
  private final MessageDigest hash;
  private @Nullable InputStream current;
  private long count;
  private int breaks;

  ResumedBlob(ImageSource source, String repository, Descriptor blob, int breaksMax) {
    this.source = source;
    this.repository = repository;
    this.blob = blob;
    this.hash = blob.digest().hash();
    this.breaksMax = breaksMax;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    while (count < blob.size()) {
      try {
        InputStream stream = connected();
        int read = stream.read(buffer, offset, length);
        if (read < 0) {
          throw new EOFException("ends at byte " + count + " of " + blob.size());
        }
        take(buffer, offset, read);
        return read;
      } catch (CacheFailedException e) {
        throw e;
      } catch (UnknownBlobException e) {
        throw new CacheFailedException(
            Reason.NOT_FOUND, "no blob " + blob.digest() + ": " + e.getMessage(), e);
      } catch (IOException e) {
        broken(e);
      }
    }
    return length == 0 ? 0 : -1;
  }

  private InputStream connected() throws IOException {
    InputStream known = current;
    if (known != null) {
      return known;
    }
    InputStream opened = source.blob(repository, blob.digest(), count);
    current = opened;
    return opened;
  }

  private void take(byte[] buffer, int offset, int read) throws IOException {
    if (count + read > blob.size()) {
      throw new CacheFailedException(
          Reason.DIGEST_MISMATCH,
          "blob " + blob.digest() + " is longer than the " + blob.size() + " bytes it should be");
    }
    hash.update(buffer, offset, read);
    count += read;
  }

  private void broken(IOException e) throws IOException {
    close();
    if (++breaks > breaksMax || Thread.currentThread().isInterrupted()) {
      throw new CacheFailedException(
          Reason.UNREACHABLE,
          "download of " + blob.digest() + " broke off " + breaks + " times: " + e.getMessage(),
          e);
    }
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** Refuses the blob if what was read isn't it. */
  void requireWhole() throws CacheFailedException {
    Digest actual = Digest.finish(hash);
    if (count != blob.size() || !actual.equals(blob.digest())) {
      throw new CacheFailedException(
          Reason.DIGEST_MISMATCH,
          "blob " + blob.digest() + " arrived as " + actual + " with " + count + " bytes");
    }
  }

  /** Reads the rest first: a layer that makes no sense was most likely spoilt on its way. */
  void requireWholeAfterAll() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    requireWhole();
  }

  @Override
  public void close() throws IOException {
    InputStream closing = current;
    current = null;
    if (closing != null) {
      closing.close();
    }
  }
}
