package dev.waybill.nativerunner.service;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** The directory of one container or exec. */
record StateDir(Path path) {
  /** sun_path of a unix socket's address, without the NUL that ends it. */
  private static final int SOCKET_PATH_MAX = 107;

  private static final String ATTACH = "attach.sock";
  private static final String STARTED = "started";
  private static final String LOCK = "lock";

  void make() throws IOException {
    Files.createDirectory(
        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
  }

  Path attachSocket() {
    return path.resolve(ATTACH);
  }

  /** Whether the names of sockets in here are short enough for the kernel. */
  boolean socketsFit() {
    return attachSocket().toString().getBytes(StandardCharsets.UTF_8).length <= SOCKET_PATH_MAX;
  }

  /** All of it or nothing: a reader, or a crash, never meets a half. */
  void write(String name, byte[] content) throws IOException {
    Path temporary = path.resolve(name + ".new");
    Files.write(temporary, content);
    Files.move(temporary, path.resolve(name), StandardCopyOption.ATOMIC_MOVE);
  }

  /** A file's content; empty when there is none. */
  Optional<byte[]> read(String name) throws IOException {
    try {
      return Optional.of(Files.readAllBytes(path.resolve(name)));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
  }

  /** Lets a user connect to the attach socket; -1 leaves it to root. */
  void giveSocketTo(int uid) throws IOException {
    if (uid > 0 && Files.exists(attachSocket())) {
      Files.setAttribute(attachSocket(), "unix:uid", uid);
    }
  }

  void writeStarted(long atNs) throws IOException {
    write(STARTED, Long.toString(atNs).getBytes(StandardCharsets.UTF_8));
  }

  /** When the program was started in Unix nanoseconds; 0 when it never was. */
  long readStarted() throws IOException {
    try {
      return Long.parseLong(Files.readString(path.resolve(STARTED)).strip());
    } catch (NoSuchFileException never) {
      return 0;
    }
  }

  /** Whether an executor or monitor lives: it holds a lock on a file in here. */
  boolean isLocked() throws IOException {
    try (FileChannel channel = FileChannel.open(path.resolve(LOCK), StandardOpenOption.WRITE)) {
      FileLock lock = channel.tryLock();
      if (lock == null) {
        return true;
      }
      lock.release();
      return false;
    } catch (NoSuchFileException never) {
      return false;
    }
  }

  void remove() throws IOException {
    if (!Files.exists(path)) {
      return;
    }
    Files.walkFileTree(
        path,
        new SimpleFileVisitor<>() {
          @Override
          public FileVisitResult visitFile(Path file, BasicFileAttributes attributes)
              throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
          }

          // A monitor that leaves may remove its socket while we walk.
          @Override
          public FileVisitResult visitFileFailed(Path file, IOException e) throws IOException {
            if (e instanceof NoSuchFileException) {
              return FileVisitResult.CONTINUE;
            }
            throw e;
          }

          @Override
          public FileVisitResult postVisitDirectory(
              Path directory, @org.jspecify.annotations.Nullable IOException e) throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
          }
        });
  }
}
