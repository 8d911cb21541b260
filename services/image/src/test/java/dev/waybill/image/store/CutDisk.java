package dev.waybill.image.store;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/**
 * A disk whose machine goes down at a given change: a write stops half-way, and nothing that the
 * program still tries, such as to tidy up, has an effect. Where the power is lost too, so is
 * content that was not forced.
 */
final class CutDisk implements Disk {
  /** The machine is down. */
  static final class Down extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Down(String at) {
      super(at);
    }
  }

  /** What is lost with the process. */
  enum Loss {
    /** Nothing: the system goes on and writes what it was given. */
    PROCESS,
    /** Half of each file that was not forced. */
    POWER
  }

  private final Disk local = new LocalDisk();
  private final int cutAt;
  private final Loss loss;
  private final Map<FileChannel, Path> open = new IdentityHashMap<>();
  private final Map<Path, Long> unforced = new HashMap<>();
  private int changes;
  private String last = "";

  CutDisk(int cutAt, Loss loss) {
    this.cutAt = cutAt;
    this.loss = loss;
  }

  /** The change at which the machine went down; empty while it is up. */
  synchronized String downAt() {
    return changes > cutAt ? last : "";
  }

  private void step(String what, Path path) {
    if (changes > cutAt) {
      throw new Down("down since " + last);
    }
    if (changes++ == cutAt) {
      last = what + " " + path.getFileName();
      down();
    }
  }

  private void down() {
    if (loss == Loss.POWER) {
      unforced.forEach(CutDisk::tear);
    }
    throw new Down(last);
  }

  private static void tear(Path file, long forced) {
    try (FileChannel torn = FileChannel.open(file, StandardOpenOption.WRITE)) {
      torn.truncate(forced + (torn.size() - forced) / 2);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public synchronized Path createTemporary(Path directory) throws IOException {
    step("create a file in", directory);
    return local.createTemporary(directory);
  }

  @Override
  public synchronized void createFile(Path file) throws IOException {
    step("create", file);
    local.createFile(file);
  }

  @Override
  public synchronized void createDirectory(Path directory) throws IOException {
    step("create directory", directory);
    local.createDirectory(directory);
  }

  @Override
  public synchronized FileChannel openEmpty(Path file) throws IOException {
    step("open", file);
    FileChannel channel = local.openEmpty(file);
    open.put(channel, file);
    return channel;
  }

  @Override
  public synchronized void write(FileChannel file, ByteBuffer content) throws IOException {
    Path path = open.get(file);
    if (changes == cutAt) {
      local.write(file, content.duplicate().limit(content.position() + content.remaining() / 2));
    }
    unforced.putIfAbsent(path, 0L);
    step("write", path);
    local.write(file, content);
  }

  @Override
  public synchronized void truncate(FileChannel file) throws IOException {
    step("truncate", open.get(file));
    local.truncate(file);
  }

  @Override
  public synchronized void force(FileChannel file) throws IOException {
    step("force", open.get(file));
    local.force(file);
    unforced.remove(open.get(file));
  }

  /** What was forced ahead may be lost all the same, so it is. */
  @Override
  public CompletableFuture<Void> forceAhead(FileChannel file) {
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public synchronized void forceDirectory(Path directory) throws IOException {
    step("force directory", directory);
    local.forceDirectory(directory);
  }

  @Override
  public synchronized void move(Path file, Path target) throws IOException {
    step("move", target);
    local.move(file, target);
    Long forced = unforced.remove(file);
    if (forced != null) {
      unforced.put(target, forced);
    }
  }

  @Override
  public synchronized boolean delete(Path file) throws IOException {
    step("delete", file);
    unforced.remove(file);
    return local.delete(file);
  }
}
