package dev.waybill.bench;

import dev.waybill.oci.layer.FileContent;
import java.io.InputStream;
import java.util.Arrays;
import java.util.SplittableRandom;

/**
 * A file that is made while it is read. Of four blocks three don't pack at all: what stands whole
 * in some buffer is large there, too, packed or not.
 *
 * @param seed another one gives another file
 */
record LargeContent(long seed, long size) implements FileContent {
  private static final int BLOCK_BYTES = 64 * 1024;
  private static final int UNPACKABLE_OF = 4;

  @Override
  public InputStream open() {
    return new Blocks(seed, size);
  }

  private static final class Blocks extends InputStream {
    private final SplittableRandom random;
    private final byte[] block = new byte[BLOCK_BYTES];
    private long left;
    private int at = BLOCK_BYTES;
    private int made;

    Blocks(long seed, long size) {
      this.random = new SplittableRandom(seed);
      this.left = size;
    }

    @Override
    public int read() {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) {
      if (left == 0) {
        return -1;
      }
      if (at == BLOCK_BYTES) {
        next();
      }
      int count = (int) Math.min(left, Math.min(length, BLOCK_BYTES - at));
      System.arraycopy(block, at, into, offset, count);
      at += count;
      left -= count;
      return count;
    }

    private void next() {
      at = 0;
      if (++made % UNPACKABLE_OF == 0) {
        Arrays.fill(block, (byte) made);
        return;
      }
      random.nextBytes(block);
    }
  }
}
