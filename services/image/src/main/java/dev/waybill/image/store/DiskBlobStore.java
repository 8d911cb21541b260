package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A {@link BlobStore} in a directory of a local disk. */
public final class DiskBlobStore implements BlobStore {
  private final Path blobs;
  private final Path ingest;
  private final Path quarantine;
  private final Disk disk;

  private DiskBlobStore(Path blobs, Path ingest, Path quarantine, Disk disk) {
    this.blobs = blobs;
    this.ingest = ingest;
    this.quarantine = quarantine;
    this.disk = disk;
  }

  /**
   * Opens the store in this directory, and removes what a process that died left half-written. Only
   * one process may have it open.
   */
  public static DiskBlobStore open(Path data) throws IOException {
    return open(data, new LocalDisk());
  }

  static DiskBlobStore open(Path data, Disk disk) throws IOException {
    Files.createDirectories(data.resolve("blobs/sha256"));
    return new DiskBlobStore(
        data.resolve("blobs"), Spool.directory(data), data.resolve("quarantine"), disk);
  }

  @Override
  public Optional<StoredBlob> find(Digest digest) {
    Path file = pathOf(digest);
    try {
      BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class);
      return Optional.of(new StoredBlob(digest, found.size()));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look up " + file, e);
    }
  }

  @Override
  public byte[] read(StoredBlob blob) throws IOException {
    return Files.readAllBytes(pathOf(blob.digest()));
  }

  @Override
  public InputStream open(StoredBlob blob) throws IOException {
    return Files.newInputStream(pathOf(blob.digest()));
  }

  @Override
  public Content content(StoredBlob blob) {
    return new Content.LocalFile(pathOf(blob.digest()));
  }

  @Override
  public BlobWriter prepare() throws IOException {
    return new DiskBlobWriter(this, Spool.open(ingest, disk));
  }

  @Override
  public boolean delete(Digest digest) throws IOException {
    return disk.delete(pathOf(digest));
  }

  @Override
  public void setAside(Digest digest) throws IOException {
    new DurableFiles(disk).publish(pathOf(digest), quarantine.resolve(digest.hex()));
    disk.forceDirectory(DurableFiles.directoryOf(pathOf(digest)));
  }

  @Override
  public Collection<SetAside> quarantine() throws IOException {
    if (!Files.isDirectory(quarantine)) {
      return List.of();
    }
    List<SetAside> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(quarantine)) {
      for (Path file : files.filter(DiskBlobStore::isOurs).toList()) {
        // Its content is as old as ever; what changed when it was moved here is its inode.
        FileTime moved = (FileTime) Files.getAttribute(file, "unix:ctime");
        Digest digest = Digest.ofHex(file.getFileName().toString());
        found.add(new SetAside(digest, Files.size(file), moved.toInstant()));
      }
    }
    return found;
  }

  private static boolean isOurs(Path file) {
    return file.getFileName().toString().matches("[0-9a-f]{64}([0-9a-f]{64})?");
  }

  @Override
  public boolean discard(Digest digest) throws IOException {
    return disk.delete(quarantine.resolve(digest.hex()));
  }

  @Override
  public Collection<StoredBlob> all() throws IOException {
    List<StoredBlob> found = new ArrayList<>();
    for (Path algorithm : children(blobs)) {
      for (Path group : children(algorithm)) {
        try (Stream<Path> files = Files.list(group)) {
          files
              .map(file -> Digest.ofHex(file.getFileName().toString()))
              .forEach(digest -> find(digest).ifPresent(found::add));
        }
      }
    }
    return found;
  }

  private static List<Path> children(Path directory) throws IOException {
    try (Stream<Path> children = Files.list(directory)) {
      return children.toList();
    }
  }

  Path pathOf(Digest digest) {
    return blobs
        .resolve(digest.algorithm())
        .resolve(digest.hex().substring(0, 2))
        .resolve(digest.hex());
  }
}
