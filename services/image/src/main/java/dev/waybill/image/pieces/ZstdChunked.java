package dev.waybill.image.pieces;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A layer whose files are zstd frames of their own. Its table is a frame within one that readers
 * skip.
 *
 * @param offset of the table's frame
 * @param packedBytes of it
 * @param packed digest of these
 */
public record ZstdChunked(long offset, long packedBytes, Digest packed) implements TableClaim {
  /** Before the annotations' names; the second is what the first versions wrote. */
  private static final List<String> PREFIXES =
      List.of("io.github.containers.zstd-chunked.", "io.containers.zstd-chunked.");

  private static final String TYPE = "1";
  private static final int SKIPPED_HEADER_BYTES = 8;

  /** A window of 32 MiB, so that a frame's header can't ask for more memory. */
  private static final int WINDOW_LOG_MAX = 25;

  static Optional<ZstdChunked> of(Descriptor layer) {
    return PREFIXES.stream().flatMap(prefix -> of(layer, prefix).stream()).findFirst();
  }

  private static Optional<ZstdChunked> of(Descriptor layer, String prefix) {
    String checksum = layer.annotations().getOrDefault(prefix + "manifest-checksum", "");
    String[] position =
        layer.annotations().getOrDefault(prefix + "manifest-position", "").split(":", -1);
    if (position.length != 4 || !position[3].equals(TYPE)) {
      return Optional.empty();
    }
    try {
      long offset = Long.parseLong(position[0]);
      long packedBytes = Long.parseLong(position[1]);
      return offset < SKIPPED_HEADER_BYTES
              || packedBytes < 1
              || packedBytes > layer.size()
              || offset > layer.size() - packedBytes
          ? Optional.empty()
          : Optional.of(new ZstdChunked(offset, packedBytes, Digest.parse(checksum)));
    } catch (IllegalArgumentException notAClaim) {
      return Optional.empty();
    }
  }

  @Override
  public int footerBytes() {
    return 0;
  }

  @Override
  public long tailStart(byte[] footer, long size) {
    return offset - SKIPPED_HEADER_BYTES;
  }

  @Override
  public PieceTable read(byte[] tail, long tailStart, PieceLimits limits)
      throws MalformedTableException {
    if (tail.length < SKIPPED_HEADER_BYTES + packedBytes) {
      throw new MalformedTableException("the table goes on after the layer's end");
    }
    byte[] frame =
        Arrays.copyOfRange(
            tail, SKIPPED_HEADER_BYTES, SKIPPED_HEADER_BYTES + Math.toIntExact(packedBytes));
    if (!Digest.of(frame).equals(packed)) {
      throw new MalformedTableException("the table is " + Digest.of(frame) + ", not " + packed);
    }
    try (InputStream json =
        new ZstdInputStreamNoFinalizer(new ByteArrayInputStream(frame))
            .setLongMax(WINDOW_LOG_MAX)) {
      return TableReader.read(json, tailStart, limits);
    } catch (IOException e) {
      throw new MalformedTableException("the table can't be unpacked", e);
    }
  }
}
