package dev.waybill.noderunner.layer;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * Takes off what an archive is packed in. How it is packed is seen in its first bytes: media types
 * are wrong often enough.
 */
final class LayerStream {
  private static final int BUFFER_BYTES = 128 * 1024;
  private static final int MAGIC_BYTES = 4;

  private LayerStream() {}

  /** The archive in this stream; closing it closes the stream. */
  static InputStream unpacked(InputStream packed) throws IOException {
    AvailableStream buffered = new AvailableStream(packed);
    buffered.mark(MAGIC_BYTES);
    byte[] magic = buffered.readNBytes(MAGIC_BYTES);
    buffered.reset();
    if (isGzip(magic)) {
      return inflated(buffered);
    }
    return isZstd(magic) ? new ZstdInputStreamNoFinalizer(buffered) : buffered;
  }

  private static InputStream inflated(InputStream gzip) throws IOException {
    Optional<IsalLibrary> fast = IsalLibrary.found();
    return fast.isPresent()
        ? new IsalGzipStream(gzip, fast.get())
        : new GZIPInputStream(gzip, BUFFER_BYTES);
  }

  private static boolean isGzip(byte[] magic) {
    return magic.length >= 2 && (magic[0] & 0xff) == 0x1f && (magic[1] & 0xff) == 0x8b;
  }

  /** A frame, or a frame to be skipped, with which zstd:chunked layers may begin. */
  private static boolean isZstd(byte[] magic) {
    if (magic.length < MAGIC_BYTES) {
      return false;
    }
    int word =
        magic[0] & 0xff
            | (magic[1] & 0xff) << 8
            | (magic[2] & 0xff) << 16
            | (magic[3] & 0xff) << 24;
    return word == 0xFD2FB528 || (word & 0xFFFFFFF0) == 0x184D2A50;
  }

  /**
   * Says that bytes are available as long as the end wasn't seen. Java's gzip reader asks that to
   * decide whether another member follows, and a network stream often answers no in between.
   */
  private static final class AvailableStream extends BufferedInputStream {
    AvailableStream(InputStream in) {
      super(in, BUFFER_BYTES);
    }

    @Override
    public synchronized int available() throws IOException {
      int known = super.available();
      if (known > 0) {
        return known;
      }
      mark(1);
      int next = read();
      reset();
      return next < 0 ? 0 : 1;
    }
  }
}
