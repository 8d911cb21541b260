package dev.waybill.nativerunner.service;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
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
    Path file = path.resolve(name);
    return Files.exists(file) ? Optional.of(Files.readAllBytes(file)) : Optional.empty();
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

  /** Removes it with all that is in it; a monitor that leaves may do the same to its socket. */
  void remove() throws IOException {
    if (Files.exists(path)) {
      remove(path);
    }
  }

  private static void remove(Path directory) throws IOException {
    try (var entries = Files.newDirectoryStream(directory)) {
      for (Path entry : entries) {
        if (Files.isDirectory(entry, LinkOption.NOFOLLOW_LINKS)) {
          remove(entry);
        } else {
          Files.deleteIfExists(entry);
        }
      }
    }
    Files.deleteIfExists(directory);
  }
}
