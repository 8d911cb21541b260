package dev.waybill.cli.build;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerArchive;
import dev.waybill.oci.layer.LayerEntry;
import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.util.Collection;
import java.util.Comparator;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;

/** A temporary directory for layers on their way, removed at the end. */
final class Workspace implements AutoCloseable {
  /** An archive without entries. */
  private static final long EMPTY_BYTES = 1024;

  private static final int BUFFER_BYTES = 128 * 1024;

  private final Path directory;
  private int files;

  private Workspace(Path directory) {
    this.directory = directory;
  }

  static Workspace open() throws IOException {
    return new Workspace(Files.createTempDirectory("waybill-build-"));
  }

  Path newFile() {
    return directory.resolve(Integer.toString(files++));
  }

  /** Keeps content that can be read once only. */
  FileContent keep(InputStream content) throws IOException {
    Path file = newFile();
    long size = Files.copy(content, file);
    return new FileContent() {
      @Override
      public long size() {
        return size;
      }

      @Override
      public InputStream open() throws IOException {
        return Files.newInputStream(file);
      }
    };
  }

  /** What writes an archive. */
  interface Writing {
    void to(OutputStream out) throws IOException;
  }

  BuildLayer layer(Collection<LayerEntry> entries) throws IOException {
    return pack(out -> LayerArchive.write(entries, out)).orElseThrow();
  }

  /** The archive as a layer; empty where it has no entries. */
  Optional<BuildLayer> pack(Writing archive) throws IOException {
    Path file = newFile();
    MessageDigest packed = Digest.sha256();
    MessageDigest plain = Digest.sha256();
    long size;
    try (var out = new BufferedOutputStream(Files.newOutputStream(file), BUFFER_BYTES);
        var gzip = new GZIPOutputStream(new DigestOutputStream(out, packed), BUFFER_BYTES);
        var counted = new Counted(new DigestOutputStream(gzip, plain))) {
      archive.to(counted);
      size = counted.count;
    }
    if (size <= EMPTY_BYTES) {
      return Optional.empty();
    }
    Descriptor blob =
        new Descriptor(
            MediaTypes.OCI_LAYER_GZIP,
            Digest.finish(packed),
            Files.size(file),
            new TreeMap<>(),
            null,
            null);
    return Optional.of(
        new BuildLayer(blob, Digest.finish(plain), new BuildLayer.Where.InFile(file)));
  }

  private static final class Counted extends FilterOutputStream {
    private long count;

    Counted(OutputStream out) {
      super(out);
    }

    @Override
    public void write(int b) throws IOException {
      out.write(b);
      count++;
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      out.write(bytes, offset, length);
      count += length;
    }
  }

  @Override
  public void close() throws IOException {
    try (Stream<Path> tree = Files.walk(directory)) {
      for (Path path : tree.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(path);
      }
    }
  }
}
