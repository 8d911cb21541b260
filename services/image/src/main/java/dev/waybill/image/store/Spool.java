package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.SeekableByteChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;

/**
 * Content that arrives, in a temporary file of this machine, hashed on the way: whatever a store
 * does with it afterwards, pushes in chunks and downloads that are taken up again end here. For one
 * thread at a time.
 */
public final class Spool implements AutoCloseable {
  /** So much is written between two times that the disk is told to get on with it. */
  private static final int AHEAD_BYTES = 2 << 20;

  private static final int CHUNK_BYTES = 64 * 1024;

  private final Disk disk;
  private final Path file;
  private final FileChannel channel;
  private final MessageDigest hash = Digest.sha256();
  private long size;
  private long forcedAhead;
  private CompletableFuture<Void> ahead = CompletableFuture.completedFuture(null);

  private Spool(Disk disk, Path file, FileChannel channel) {
    this.disk = disk;
    this.file = file;
    this.channel = channel;
  }

  /** The directory for temporary files below {@code data}, without what a dead process left. */
  public static Path directory(Path data) throws IOException {
    Path ingest = Files.createDirectories(data.resolve("ingest"));
    try (Stream<Path> left = Files.list(ingest)) {
      for (Path abandoned : left.toList()) {
        Files.delete(abandoned);
      }
    }
    return ingest;
  }

  /** A new one in this directory. */
  public static Spool open(Path directory) throws IOException {
    return open(directory, new LocalDisk());
  }

  static Spool open(Path directory, Disk disk) throws IOException {
    Path file = disk.createTemporary(directory);
    try {
      return new Spool(disk, file, disk.openEmpty(file));
    } catch (IOException e) {
      disk.delete(file);
      throw e;
    }
  }

  /** Adds the rest of this buffer. */
  public void write(ByteBuffer content) throws IOException {
    hash.update(content.duplicate());
    try {
      int count = content.remaining();
      disk.write(channel, content);
      size += count;
      if (size - forcedAhead >= AHEAD_BYTES
          && ahead.isDone()
          && !ahead.isCompletedExceptionally()) {
        ahead = disk.forceAhead(channel);
        forcedAhead = size;
      }
    } catch (IOException e) {
      throw StoreFullException.orSame(DurableFiles.directoryOf(file).toString(), e);
    }
  }

  /** What was written so far, for another thread; the caller closes it. */
  public SeekableByteChannel readBack() throws IOException {
    return FileChannel.open(file, StandardOpenOption.READ);
  }

  /** Bytes so far. */
  public long size() {
    return size;
  }

  /** Begins again with nothing. */
  public void restart() throws IOException {
    disk.truncate(channel);
    hash.reset();
    size = 0;
    forcedAhead = 0;
  }

  /**
   * The digest of all that was written, by the algorithm of {@code expected}; once, and nothing is
   * written after it. Pushers say at the end which algorithm they mean: for another than the usual
   * one the file is read again.
   */
  public Digest finish(Digest expected) throws IOException {
    if (expected.isSha256()) {
      return Digest.finish(hash);
    }
    MessageDigest other = expected.hash();
    ByteBuffer chunk = ByteBuffer.allocate(CHUNK_BYTES);
    try (SeekableByteChannel content = readBack()) {
      while (content.read(chunk) >= 0) {
        other.update(chunk.flip());
        chunk.clear();
      }
    }
    return Digest.finish(other);
  }

  /** The file that holds the content until this is closed. */
  public Path file() {
    return file;
  }

  /** Makes the file one that stays, whatever happens to the machine. */
  void publish(Path target) throws IOException {
    try {
      awaitAhead();
      disk.force(channel);
      new DurableFiles(disk).publish(file, target);
    } catch (IOException e) {
      throw StoreFullException.orSame(DurableFiles.directoryOf(file).toString(), e);
    }
  }

  private void awaitAhead() throws IOException {
    try {
      ahead.join();
    } catch (CompletionException e) {
      throw new IOException("cannot force " + file + ": " + e.getMessage(), e);
    }
  }

  /** Lets go of the file unless it was published; closing twice is fine. */
  @Override
  public void close() throws IOException {
    channel.close();
    disk.delete(file);
  }
}
