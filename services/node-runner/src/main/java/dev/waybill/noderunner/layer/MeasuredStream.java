package dev.waybill.noderunner.layer;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.UnpackOutcome.Reason;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;

/** Hashes and counts what is read through it, and ends it where it becomes too much. */
final class MeasuredStream extends FilterInputStream {
  private final MessageDigest hash = Digest.sha256();
  private final long bytesMax;
  private long count;

  MeasuredStream(InputStream in, long bytesMax) {
    super(in);
    this.bytesMax = bytesMax;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int read = in.read(buffer, offset, length);
    if (read > 0) {
      hash.update(buffer, offset, read);
      count += read;
      if (count > bytesMax) {
        throw new LayerRefusedException(
            Reason.OVER_LIMIT, "the layer unpacks to more than " + bytesMax + " bytes");
      }
    }
    return read;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public long skip(long n) {
    throw new UnsupportedOperationException("skipped bytes would be missing in the hash");
  }

  @Override
  public boolean markSupported() {
    return false;
  }

  long count() {
    return count;
  }

  /** The digest of all that was read; once. */
  Digest digest() {
    return Digest.finish(hash);
  }
}
