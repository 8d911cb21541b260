package dev.waybill.image.pieces;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.security.MessageDigest;

/** The next so many bytes of a stream, hashed on the way. */
final class HashedTable extends InputStream {
  private final InputStream whole;
  private final MessageDigest hash = Digest.sha256();
  private int left;

  HashedTable(InputStream whole, int length) {
    this.whole = whole;
    this.left = length;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    if (left == 0) {
      return -1;
    }
    int count = whole.read(buffer, offset, Math.min(length, left));
    if (count < 0) {
      throw new IOException("the table ends " + left + " bytes early");
    }
    hash.update(buffer, offset, count);
    left -= count;
    return count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  /** The digest of all, the part that nobody has read yet included; once. */
  Digest finish() throws IOException {
    transferTo(OutputStream.nullOutputStream());
    return Digest.finish(hash);
  }
}
