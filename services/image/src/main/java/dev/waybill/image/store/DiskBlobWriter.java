package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.Optional;

/** Writes to a temporary file and hashes on the way. */
final class DiskBlobWriter implements BlobWriter {
  private final DiskBlobStore store;
  private final Disk disk;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest hash = Digest.sha256();
  private long size;

  private DiskBlobWriter(DiskBlobStore store, Disk disk, Path file, FileChannel channel) {
    this.store = store;
    this.disk = disk;
    this.file = file;
    this.channel = channel;
  }

  static DiskBlobWriter open(DiskBlobStore store, Path directory, Disk disk) throws IOException {
    Path file = disk.createTemporary(directory);
    try {
      return new DiskBlobWriter(store, disk, file, disk.openEmpty(file));
    } catch (IOException e) {
      disk.delete(file);
      throw e;
    }
  }

  @Override
  public void write(ByteBuffer content) throws IOException {
    hash.update(content.duplicate());
    try {
      int count = content.remaining();
      disk.write(channel, content);
      size += count;
    } catch (IOException e) {
      throw StoreFullException.orSame(DurableFiles.directoryOf(file).toString(), e);
    }
  }

  @Override
  public long size() {
    return size;
  }

  @Override
  public void restart() throws IOException {
    disk.truncate(channel);
    hash.reset();
    size = 0;
  }

  @Override
  public SeekableByteChannel readBack() throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  @Override
  public Commit commit(Digest expected) throws IOException {
    Digest actual = Digest.finish(hash);
    if (!actual.equals(expected)) {
      close();
      return new Commit.Mismatch(actual);
    }
    Optional<StoredBlob> present = store.find(expected);
    if (present.isEmpty()) {
      publish(expected);
    }
    close();
    return new Commit.Done(store.find(expected).orElseThrow());
  }

  private void publish(Digest digest) throws IOException {
    try {
      disk.force(channel);
      new DurableFiles(disk).publish(file, store.pathOf(digest));
    } catch (IOException e) {
      throw StoreFullException.orSame(DurableFiles.directoryOf(file).toString(), e);
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
    disk.delete(file);
  }
}
