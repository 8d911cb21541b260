package dev.waybill.allinone;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.HexFormat;
import org.jspecify.annotations.Nullable;

/**
 * The one directory that an embedded platform keeps. Layout: {@code kafka/}, {@code postgres/},
 * {@code images/}, {@code node/}, {@code outbox/}, {@code admin.token}, {@code endpoints.json},
 * {@code instance}, {@code lock}.
 */
final class DataDirectory implements AutoCloseable {
  private static final int TOKEN_BYTES = 24;
  private static final int KEY_BYTES = 32;

  private final Path root;
  private final FileChannel lockFile;
  private final String instance;

  private DataDirectory(Path root, FileChannel lockFile, String instance) {
    this.root = root;
    this.lockFile = lockFile;
    this.instance = instance;
  }

  /**
   * Opens it, making what is missing.
   *
   * @throws IllegalStateException if another platform runs on it
   */
  static DataDirectory open(Path root) {
    try {
      Files.createDirectories(root);
      Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwx--x--x"));
      FileChannel channel =
          FileChannel.open(
              root.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
      FileLock lock = tryLock(channel);
      if (lock == null) {
        channel.close();
        throw new IllegalStateException(
            "a platform runs on %s already, use another --data or 'waybill down'".formatted(root));
      }
      var random = new SecureRandom();
      secret(root.resolve("admin.token"), random, TOKEN_BYTES);
      secret(root.resolve("logins.key"), random, KEY_BYTES);
      String instance = secret(root.resolve("instance"), random, 3);
      return new DataDirectory(root, channel, instance);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot use the data directory " + root, e);
    }
  }

  private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
    return channel.tryLock();
  }

  private static String secret(Path file, SecureRandom random, int bytes) throws IOException {
    if (!Files.exists(file)) {
      byte[] value = new byte[bytes];
      random.nextBytes(value);
      Path temporary = file.resolveSibling(file.getFileName() + ".new");
      Files.deleteIfExists(temporary);
      Files.createFile(
          temporary,
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
      Files.writeString(temporary, HexFormat.of().formatHex(value) + "\n");
      Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
    }
    return Files.readString(file).strip();
  }

  Path root() {
    return root;
  }

  Path part(String name) {
    return root.resolve(name);
  }

  /** Six hex digits that tell this platform's host objects from another's. */
  String instance() {
    return instance;
  }

  /** For sockets and state that a reboot should forget. */
  Path runDirectory() {
    return Path.of("/run/waybill-" + instance);
  }

  /** Where commands are taken; the launcher looks for it. */
  Path commandSocket() {
    return root.resolve("cli.sock");
  }

  @Override
  public void close() {
    try {
      lockFile.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot release " + root, e);
    }
  }
}
