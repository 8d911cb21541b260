package dev.waybill.noderunner.stream;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/**
 * Reads a container's log over its rotations: {@code log.2}, {@code log.1}, {@code log}. For one
 * thread.
 */
public final class LogReader implements AutoCloseable {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);
  private static final int READ_BYTES = 64 * 1024;

  private final Path current;
  private final WatchService watch;
  private final ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
  private final ByteArrayOutputStream torn = new ByteArrayOutputStream();
  private FileChannel open;

  /** Takes lines; false ends the reading. */
  @FunctionalInterface
  public interface Sink {
    boolean take(LogLine line) throws IOException, InterruptedException;
  }

  /** Opens the log at its present file; it is made where it isn't there yet. */
  public LogReader(Path current) throws IOException {
    this.current = current;
    Files.createDirectories(parent());
    this.watch = current.getFileSystem().newWatchService();
    parent()
        .register(
            watch, StandardWatchEventKinds.ENTRY_MODIFY, StandardWatchEventKinds.ENTRY_CREATE);
    this.open = openOrMake();
  }

  private Path parent() {
    return Optional.ofNullable(current.getParent()).orElseThrow();
  }

  private FileChannel openOrMake() throws IOException {
    return FileChannel.open(
        current, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /** Gives all that is there, rotated files first; false if the sink had enough. */
  public boolean readAll(Sink sink) throws IOException, InterruptedException {
    for (Path rotated : rotated()) {
      try (FileChannel channel = FileChannel.open(rotated)) {
        if (!drain(channel, sink)) {
          return false;
        }
      } catch (NoSuchFileException gone) {
        // Rotated away between the listing and now; the rest is what there is.
        torn.reset();
      }
    }
    return drain(open, sink);
  }

  private List<Path> rotated() throws IOException {
    var files = new ArrayList<Path>();
    for (int number = 1; Files.exists(numbered(number)); number++) {
      files.add(numbered(number));
    }
    Collections.reverse(files);
    return files;
  }

  private Path numbered(int number) {
    return current.resolveSibling(current.getFileName() + "." + number);
  }

  /** Goes on with what is added, until {@code ended} and nothing is left. */
  public void follow(Sink sink, BooleanSupplier ended) throws IOException, InterruptedException {
    boolean last = false;
    while (true) {
      // Looked at before the drain: what was written before the end is then surely read.
      boolean over = ended.getAsBoolean();
      if (!drain(open, sink) || !followRotation(sink)) {
        return;
      }
      if (over && last) {
        return;
      }
      last = over;
      if (!over) {
        awaitChange();
      }
    }
  }

  /** Moves on to the new file when the open one was rotated away. */
  private boolean followRotation(Sink sink) throws IOException, InterruptedException {
    if (Files.exists(current) && Files.size(current) >= open.position()) {
      return true;
    }
    boolean more = drain(open, sink);
    open.close();
    open = openOrMake();
    return more && drain(open, sink);
  }

  private void awaitChange() throws InterruptedException {
    try {
      WatchKey key = watch.poll(LOOK_AGAIN.toMillis(), TimeUnit.MILLISECONDS);
      if (key != null) {
        key.pollEvents();
        key.reset();
      }
    } catch (ClosedWatchServiceException e) {
      throw new InterruptedException("the log is being closed");
    }
  }

  private boolean drain(FileChannel channel, Sink sink) throws IOException, InterruptedException {
    while (channel.read(buffer.clear()) > 0) {
      buffer.flip();
      while (buffer.hasRemaining()) {
        byte next = buffer.get();
        if (next != '\n') {
          torn.write(next);
          continue;
        }
        Optional<LogLine> line = LogLine.parse(torn.toByteArray());
        torn.reset();
        if (line.isPresent() && !sink.take(line.get())) {
          return false;
        }
      }
    }
    return true;
  }

  @Override
  public void close() throws IOException {
    watch.close();
    open.close();
  }
}
