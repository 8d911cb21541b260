package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.attribute.BasicFileAttributeView;
import java.util.UUID;

/**
 * Removes directories with all that is in them. A layer may be deeper than any path can say, with
 * symbolic links for the way down, so this goes down one step only: what is deeper is moved up.
 */
public final class TreeRemoval {
  /** What is moved up gets a name that no layer can have guessed. */
  private final String prefix = UUID.randomUUID() + "-";

  private final Path top;
  private long moved;

  private TreeRemoval(Path top) {
    this.top = top;
  }

  /** Removes this directory; one that isn't there is a success. */
  public static void remove(Path directory) throws IOException {
    try {
      if (Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
        new TreeRemoval(directory).empty();
      }
      Files.deleteIfExists(directory);
    } catch (NoSuchFileException gone) {
      return; // Somebody else was faster.
    }
  }

  /** Removes a directory that is entered by its descriptor, since its name may be any bytes. */
  static void remove(LinuxFiles files, int parent, String name) throws IOException {
    int directory = files.openDirectory(parent, name);
    try {
      new TreeRemoval(Path.of("/proc/self/fd/" + directory + "/.")).empty();
    } finally {
      files.close(directory);
    }
    files.removeEmptyDirectory(parent, name);
  }

  private void empty() throws IOException {
    boolean foundAny;
    do {
      try (DirectoryStream<Path> entries = Files.newDirectoryStream(top)) {
        foundAny = removeAll((SecureDirectoryStream<Path>) entries); // As Linux has it.
      } catch (DirectoryIteratorException e) {
        throw e.getCause();
      }
    } while (foundAny); // What was moved up meanwhile is for the next time.
  }

  private boolean removeAll(SecureDirectoryStream<Path> entries) throws IOException {
    boolean foundAny = false;
    for (Path entry : entries) {
      foundAny = true;
      Path name = entry.getFileName();
      if (isDirectory(entries, name)) {
        try (SecureDirectoryStream<Path> inside =
            entries.newDirectoryStream(name, LinkOption.NOFOLLOW_LINKS)) {
          clear(inside, entries);
        }
        entries.deleteDirectory(name);
      } else {
        entries.deleteFile(name);
      }
    }
    return foundAny;
  }

  private void clear(SecureDirectoryStream<Path> inside, SecureDirectoryStream<Path> above)
      throws IOException {
    for (Path entry : inside) {
      Path name = entry.getFileName();
      if (isDirectory(inside, name)) {
        inside.move(name, above, Path.of(prefix + moved++));
      } else {
        inside.deleteFile(name);
      }
    }
  }

  private static boolean isDirectory(SecureDirectoryStream<Path> in, Path name) throws IOException {
    return in.getFileAttributeView(name, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
        .readAttributes()
        .isDirectory();
  }
}
