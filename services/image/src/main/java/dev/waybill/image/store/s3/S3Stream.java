package dev.waybill.image.store.s3;

import dev.waybill.image.store.StoreFailedException;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;

/**
 * Bytes of an object while they arrive. A connection that breaks off, also because our own reader
 * took so long that the server gave up, is taken up again where it was.
 */
final class S3Stream extends InputStream {
  private static final int BREAKS_MAX = 3;

  /** After so much, the breaks before it don't count any more. */
  private static final long PROGRESS_BYTES = 1 << 20;

  /** Asks for the bytes from an offset on. */
  interface Source {
    ResponseInputStream<GetObjectResponse> open(long offset, long length) throws IOException;
  }

  private final Source source;
  private final S3Failures failures;
  private ResponseInputStream<GetObjectResponse> in;
  private long next;
  private long left;
  private long sinceBreak;
  private int breaks;

  private S3Stream(
      Source source,
      S3Failures failures,
      ResponseInputStream<GetObjectResponse> in,
      long offset,
      long length) {
    this.source = source;
    this.failures = failures;
    this.in = in;
    this.next = offset;
    this.left = length;
  }

  static S3Stream open(Source source, S3Failures failures, long offset, long length)
      throws IOException {
    return new S3Stream(source, failures, source.open(offset, length), offset, length);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    while (true) {
      try {
        int count = in.read(buffer, offset, (int) Math.min(length, left));
        if (count < 0) {
          throw new EOFException("ends " + left + " bytes early");
        }
        next += count;
        left -= count;
        sinceBreak += count;
        return count;
      } catch (IOException | SdkException e) {
        resume(e);
      }
    }
  }

  private void resume(Exception broken) throws IOException {
    in.abort();
    breaks = sinceBreak < PROGRESS_BYTES ? breaks + 1 : 1;
    sinceBreak = 0;
    if (breaks > BREAKS_MAX) {
      throw failures.broken(broken);
    }
    try {
      in = source.open(next, left);
    } catch (StoreFailedException e) {
      e.addSuppressed(broken);
      throw e;
    }
  }

  /** What isn't read is cut off: to read it for nothing may take longer than a new connection. */
  @Override
  public void close() throws IOException {
    if (left > 0) {
      in.abort();
      return;
    }
    in.close();
  }
}
