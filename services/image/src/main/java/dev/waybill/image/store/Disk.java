package dev.waybill.image.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;

/**
 * Every way in which a store changes a disk, so that a test can end a process before, or half-way
 * through, any of them.
 */
interface Disk {
  /** A new empty file in this directory under a name that nothing else has. */
  Path createTemporary(Path directory) throws IOException;

  /** A new empty file. */
  void createFile(Path file) throws IOException;

  /** A new directory whose parent is there. */
  void createDirectory(Path directory) throws IOException;

  /** Opens a file to write, empty, whether or not it was there. */
  FileChannel openEmpty(Path file) throws IOException;

  /** Writes all of the buffer's rest. */
  void write(FileChannel file, ByteBuffer content) throws IOException;

  /** Empties a file that is open. */
  void truncate(FileChannel file) throws IOException;

  /** Waits until what was written would survive a loss of power. */
  void force(FileChannel file) throws IOException;

  /**
   * Begins to force a file, so that less is left for whoever waits for it later. What fails is told
   * by the future, and by nothing else: the kernel tells it once.
   */
  CompletableFuture<Void> forceAhead(FileChannel file);

  /** Waits until a directory's entries would survive a loss of power. */
  void forceDirectory(Path directory) throws IOException;

  /** Gives a file another name in one step, in place of what had it. */
  void move(Path file, Path target) throws IOException;

  /** Removes a file; whether there was one. */
  boolean delete(Path file) throws IOException;
}
