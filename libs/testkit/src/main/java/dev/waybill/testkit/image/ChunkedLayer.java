package dev.waybill.testkit.image;

import com.github.luben.zstd.Zstd;
import dev.waybill.kernel.Digest;
import dev.waybill.testkit.image.TarParts.Part;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import java.util.zip.GZIPOutputStream;

/**
 * Packs layers in the two formats whose files can be fetched one by one. Contents are cut every 64
 * KiB, where other packers cut by content or later; the format is the same.
 */
final class ChunkedLayer {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int SKIPPABLE = 0x184D2A50;
  private static final String ZSTD_PREFIX = "io.github.containers.zstd-chunked.";
  private static final String STARGZ = "containerd.io/snapshot/stargz/toc.digest";

  private final byte[] tar;
  private final ByteArrayOutputStream packed = new ByteArrayOutputStream();
  private final StringBuilder table = new StringBuilder("{\"version\":1,\"entries\":[");

  private ChunkedLayer(byte[] tar) {
    this.tar = tar;
  }

  /** Frames of zstd: headers, contents and headers in turn; then a frame to be skipped twice. */
  static PackedLayer zstd(byte[] tar) {
    return new ChunkedLayer(tar).zstd();
  }

  /** Members of gzip, each of which begins with a content. */
  static PackedLayer stargz(byte[] tar) throws IOException {
    return new ChunkedLayer(tar).stargz();
  }

  private PackedLayer zstd() {
    int done = 0;
    for (Part part : TarParts.of(tar)) {
      if (part.size() > 0) {
        frame(done, part.contentStart());
        done = part.contentEnd();
      }
      zstdContent(part);
    }
    frame(done, tar.length);
    byte[] json = table.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    byte[] frame = Zstd.compress(json);
    skippable(frame);
    long offset = packed.size() - frame.length;
    skippable(
        little(Long.BYTES * 8)
            .putLong(offset)
            .putLong(frame.length)
            .putLong(json.length)
            .putLong(1)
            .putLong(0)
            .putLong(0)
            .putLong(0)
            .put("GNUlInUx".getBytes(StandardCharsets.US_ASCII))
            .array());
    SortedMap<String, String> annotations = new TreeMap<>();
    annotations.put(ZSTD_PREFIX + "manifest-checksum", Digest.of(frame).toString());
    annotations.put(
        ZSTD_PREFIX + "manifest-position", offset + ":" + frame.length + ":" + json.length + ":1");
    return new PackedLayer(packed.toByteArray(), Digest.of(tar), annotations);
  }

  private void zstdContent(Part part) {
    int[] starts = chunks(part);
    long[] offsets = new long[starts.length];
    for (int i = 0; i < starts.length; i++) {
      offsets[i] = packed.size();
      frame(starts[i], end(part, starts, i));
    }
    for (int i = 0; i < Math.max(1, starts.length); i++) {
      StringBuilder entry = entry(part, i);
      if (i == 0 && starts.length > 0) {
        entry.append(",\"digest\":\"").append(digest(part.contentStart(), part.contentEnd()));
        entry.append("\",\"endOffset\":").append(packed.size());
      }
      if (starts.length > 0) {
        entry.append(",\"offset\":").append(offsets[i]);
      }
      if (starts.length > 1) {
        chunk(entry, part, starts, i);
      }
      add(entry);
    }
  }

  private PackedLayer stargz() throws IOException {
    int done = 0;
    int end = 0;
    for (Part part : TarParts.of(tar)) {
      end = part.end();
      int[] starts = chunks(part);
      for (int i = 0; i < Math.max(1, starts.length); i++) {
        StringBuilder entry = entry(part, i);
        if (starts.length > 0) {
          member(done, starts[i]);
          done = starts[i];
          entry.append(",\"offset\":").append(packed.size());
          chunk(entry, part, starts, i);
        }
        add(entry);
      }
    }
    member(done, end); // The archive's end comes after the table.
    byte[] json = table.append("]}").toString().getBytes(StandardCharsets.UTF_8);
    long offset = packed.size();
    byte[] last = tableFile(json);
    packed.writeBytes(gzip(last));
    packed.writeBytes(footer(offset));
    MessageDigest unpacked = Digest.sha256();
    unpacked.update(tar, 0, end);
    unpacked.update(last);
    SortedMap<String, String> annotations = new TreeMap<>();
    annotations.put(STARGZ, Digest.of(json).toString());
    return new PackedLayer(packed.toByteArray(), Digest.finish(unpacked), annotations);
  }

  /** The archive's last file, and its end. */
  private static byte[] tableFile(byte[] json) {
    byte[] file = new byte[512 + (json.length + 511) / 512 * 512 + 1024];
    put(file, 0, "stargz.index.json");
    put(file, 100, "0000444\0" + "0000000\0" + "0000000\0");
    put(file, 124, "%011o".formatted(json.length));
    put(file, 136, "00000000000\0        0");
    put(file, 257, "ustar\00000");
    int sum = 0;
    for (int i = 0; i < 512; i++) {
      sum += file[i] & 0xff;
    }
    put(file, 148, "%06o\0 ".formatted(sum));
    System.arraycopy(json, 0, file, 512, json.length);
    return file;
  }

  private static void put(byte[] block, int offset, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
    System.arraycopy(bytes, 0, block, offset, bytes.length);
  }

  /** A member without content, whose header says where the table's member is. */
  private static byte[] footer(long offset) {
    return little(51)
        .put(new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 255})
        .putShort((short) 26)
        .put(new byte[] {'S', 'G'})
        .putShort((short) 22)
        .put("%016xSTARGZ".formatted(offset).getBytes(StandardCharsets.US_ASCII))
        .put(new byte[] {1, 0, 0, (byte) 0xff, (byte) 0xff})
        .array();
  }

  private void member(int from, int to) throws IOException {
    if (to > from) {
      packed.writeBytes(gzip(Arrays.copyOfRange(tar, from, to)));
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (GZIPOutputStream gzip = new GZIPOutputStream(out)) {
      gzip.write(content);
    }
    return out.toByteArray();
  }

  private void frame(int from, int to) {
    if (to > from) {
      packed.writeBytes(Zstd.compress(Arrays.copyOfRange(tar, from, to)));
    }
  }

  private void skippable(byte[] content) {
    packed.writeBytes(little(8).putInt(SKIPPABLE).putInt(content.length).array());
    packed.writeBytes(content);
  }

  private static ByteBuffer little(int length) {
    return ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
  }

  private static int[] chunks(Part part) {
    return IntStream.iterate(
            part.contentStart(), at -> at < part.contentEnd(), at -> at + CHUNK_BYTES)
        .toArray();
  }

  private static int end(Part part, int[] starts, int i) {
    return i + 1 < starts.length ? starts[i + 1] : part.contentEnd();
  }

  private StringBuilder entry(Part part, int chunk) {
    StringBuilder entry = new StringBuilder("{\"type\":\"");
    entry.append(chunk == 0 ? part.kind() : "chunk").append("\",\"name\":\"").append(part.name());
    entry.append('"');
    if (chunk == 0) {
      entry.append(",\"mode\":").append(part.mode()).append(",\"size\":").append(part.size());
      entry.append(",\"modtime\":\"").append(Instant.ofEpochSecond(part.modified()));
      entry.append("\",\"linkName\":\"").append(part.link()).append('"');
    }
    return entry;
  }

  private void chunk(StringBuilder entry, Part part, int[] starts, int i) {
    int end = end(part, starts, i);
    entry.append(",\"chunkOffset\":").append(starts[i] - part.contentStart());
    entry.append(",\"chunkSize\":").append(end - starts[i]);
    entry.append(",\"chunkDigest\":\"").append(digest(starts[i], end)).append('"');
  }

  private Digest digest(int from, int to) {
    return Digest.of(Arrays.copyOfRange(tar, from, to));
  }

  private void add(StringBuilder entry) {
    table.append(table.charAt(table.length() - 1) == '[' ? "" : ",").append(entry).append('}');
  }
}
