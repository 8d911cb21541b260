package dev.waybill.cli.build;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;

/** Takes off what an archive is packed in, as its first bytes tell. */
final class LayerArchives {
  private static final int BUFFER_BYTES = 128 * 1024;
  private static final byte[] GZIP = {0x1f, (byte) 0x8b};
  private static final byte[] ZSTD = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd};
  private static final byte[] BZIP2 = {'B', 'Z', 'h'};
  private static final byte[] XZ = {(byte) 0xfd, '7', 'z', 'X', 'Z'};
  private static final byte[] TAR = {'u', 's', 't', 'a', 'r'};
  private static final int TAR_AT = 257;

  private LayerArchives() {}

  static InputStream unpacked(InputStream packed) throws IOException {
    var in = new BufferedInputStream(packed, BUFFER_BYTES);
    byte[] begin = peek(in, XZ.length);
    if (isPrefix(GZIP, begin)) {
      return GzipCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .get();
    }
    if (isPrefix(ZSTD, begin)) {
      return new ZstdInputStreamNoFinalizer(in);
    }
    if (isPrefix(BZIP2, begin)) {
      return new BZip2CompressorInputStream(in, true);
    }
    if (isPrefix(XZ, begin)) {
      throw new IOException("archives packed by xz are not read here, use gzip, zstd or bzip2");
    }
    return in;
  }

  /** Whether what is in the stream, once unpacked, is a tar archive. */
  static boolean isTar(InputStream file) throws IOException {
    var in = new BufferedInputStream(unpacked(file), BUFFER_BYTES);
    byte[] begin = peek(in, TAR_AT + TAR.length);
    return begin.length == TAR_AT + TAR.length
        && Arrays.equals(Arrays.copyOfRange(begin, TAR_AT, begin.length), TAR);
  }

  private static byte[] peek(InputStream in, int count) throws IOException {
    in.mark(count);
    byte[] bytes = in.readNBytes(count);
    in.reset();
    return bytes;
  }

  private static boolean isPrefix(byte[] magic, byte[] bytes) {
    return bytes.length >= magic.length && Arrays.equals(Arrays.copyOf(bytes, magic.length), magic);
  }
}
