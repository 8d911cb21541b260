package dev.waybill.oci.layer;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Writes entries in the order given as a POSIX tar archive. What the old header can't hold (long
 * names, large numbers, parts of seconds, extended attributes) goes into a PAX header before the
 * entry.
 *
 * @see <a href="https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html">POSIX, pax
 *     interchange format</a>
 */
public final class TarWriter {
  private static final int BLOCK = 512;
  private static final String XATTR_PREFIX = "SCHILY.xattr.";

  private final OutputStream out;

  public TarWriter(OutputStream out) {
    this.out = out;
  }

  /** Writes one entry with its content. */
  public void write(LayerEntry entry) throws IOException {
    TarHeader header = TarHeader.of(entry);
    SortedMap<String, byte[]> extra = extraRecords(entry, header);
    if (!extra.isEmpty()) {
      byte[] body = paxBody(extra);
      out.write(TarHeader.pax(body.length).encode());
      out.write(body);
      pad(body.length);
    }
    out.write(header.encode());
    if (entry instanceof LayerEntry.RegularFile file) {
      try (InputStream content = file.content().open()) {
        long copied = content.transferTo(out);
        if (copied != header.size()) {
          throw new IOException(
              "file '" + file.path() + "' has " + copied + " bytes, not " + header.size());
        }
      }
      pad(header.size());
    }
  }

  /** Writes the two empty blocks that end an archive; the stream stays open. */
  public void finish() throws IOException {
    out.write(new byte[2 * BLOCK]);
    out.flush();
  }

  private static SortedMap<String, byte[]> extraRecords(LayerEntry entry, TarHeader header) {
    SortedMap<String, byte[]> records = new TreeMap<>();
    if (!header.nameFits()) {
      records.put("path", utf8(header.name()));
    }
    if (!header.linkFits()) {
      records.put("linkpath", utf8(header.link()));
    }
    if (!TarHeader.fitsOctal(header.size(), 11)) {
      records.put("size", utf8(Long.toString(header.size())));
    }
    FileAttributes attributes = entry.attributes();
    if (!TarHeader.fitsOctal(attributes.uid(), 7)) {
      records.put("uid", utf8(Long.toString(attributes.uid())));
    }
    if (!TarHeader.fitsOctal(attributes.gid(), 7)) {
      records.put("gid", utf8(Long.toString(attributes.gid())));
    }
    if (attributes.modified().getNano() != 0 || attributes.modified().getEpochSecond() < 0) {
      records.put("mtime", utf8(PaxTime.text(attributes.modified())));
    }
    attributes.extended().forEach((name, value) -> records.put(XATTR_PREFIX + name, value));
    return records;
  }

  private static byte[] paxBody(SortedMap<String, byte[]> records) {
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    records.forEach(
        (key, value) -> {
          byte[] name = utf8(key);
          int bare = name.length + value.length + 3; // space, equals sign, end of line
          int length = bare + digits(bare);
          if (digits(length) != digits(bare)) {
            length = bare + digits(length);
          }
          body.writeBytes(utf8(length + " "));
          body.writeBytes(name);
          body.write('=');
          body.writeBytes(value);
          body.write('\n');
        });
    return body.toByteArray();
  }

  private static int digits(int number) {
    return Integer.toString(number).length();
  }

  private void pad(long written) throws IOException {
    int rest = (int) (written % BLOCK);
    if (rest > 0) {
      out.write(new byte[BLOCK - rest]);
    }
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
