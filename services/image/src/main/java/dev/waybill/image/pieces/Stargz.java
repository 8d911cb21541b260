package dev.waybill.image.pieces;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPInputStream;

/**
 * An eStargz layer: its files' contents begin gzip members of their own. Its table is the archive's
 * last file, and a member without content at the very end says where the table's member begins.
 *
 * @param unpacked digest of the table
 */
public record Stargz(Digest unpacked) implements TableClaim {
  private static final String ANNOTATION = "containerd.io/snapshot/stargz/toc.digest";
  private static final String TABLE_NAME = "stargz.index.json";
  private static final String MAGIC = "STARGZ";
  private static final int FOOTER_BYTES = 51;

  /** In the footer: after gzip's header, the length of the extra field, its id and length. */
  private static final int OFFSET_AT = 16;

  private static final int OFFSET_DIGITS = 16;
  private static final int TAR_BLOCK = 512;

  static Optional<Stargz> of(Descriptor layer) {
    try {
      return Optional.ofNullable(layer.annotations().get(ANNOTATION))
          .map(Digest::parse)
          .map(Stargz::new);
    } catch (IllegalArgumentException notAClaim) {
      return Optional.empty();
    }
  }

  @Override
  public int footerBytes() {
    return FOOTER_BYTES;
  }

  @Override
  public long tailStart(byte[] footer, long size) throws MalformedTableException {
    String said =
        footer.length == FOOTER_BYTES
            ? new String(
                footer, OFFSET_AT, OFFSET_DIGITS + MAGIC.length(), StandardCharsets.US_ASCII)
            : "";
    if (!said.endsWith(MAGIC) || footer[12] != 'S' || footer[13] != 'G') {
      throw new MalformedTableException("the layer doesn't end as eStargz does");
    }
    try {
      long offset = Long.parseLong(said.substring(0, OFFSET_DIGITS), 16);
      if (offset < 0 || offset > size - FOOTER_BYTES) {
        throw new MalformedTableException("the table is at byte " + offset + " of " + size);
      }
      return offset;
    } catch (NumberFormatException e) {
      throw new MalformedTableException("the table is nowhere", e);
    }
  }

  @Override
  public PieceTable read(byte[] tail, long tailStart, PieceLimits limits)
      throws MalformedTableException {
    int member = tail.length - FOOTER_BYTES;
    try (InputStream tar =
        new GZIPInputStream(new ByteArrayInputStream(tail, 0, Math.max(0, member)))) {
      byte[] header = tar.readNBytes(TAR_BLOCK);
      int size = tableSize(header, limits);
      HashedTable json = new HashedTable(tar, size);
      PieceTable table = TableReader.read(json, tailStart, limits);
      Digest actual = json.finish();
      if (!actual.equals(unpacked)) {
        throw new MalformedTableException("the table is " + actual + ", not " + unpacked);
      }
      return table;
    } catch (IOException e) {
      throw new MalformedTableException("the table can't be unpacked", e);
    }
  }

  private static int tableSize(byte[] header, PieceLimits limits) throws MalformedTableException {
    byte[] name = Arrays.copyOf(TABLE_NAME.getBytes(StandardCharsets.US_ASCII), 100);
    if (header.length < TAR_BLOCK || !Arrays.equals(header, 0, 100, name, 0, 100)) {
      throw new MalformedTableException("the last file of the archive isn't " + TABLE_NAME);
    }
    try {
      String octal = new String(header, 124, 11, StandardCharsets.US_ASCII).strip();
      long size = Long.parseLong(octal, 8);
      if (size < 0 || size > limits.tableBytesMax()) {
        throw new MalformedTableException("a table of " + size + " bytes");
      }
      return (int) size;
    } catch (NumberFormatException e) {
      throw new MalformedTableException("a table without a size", e);
    }
  }
}
