package dev.waybill.noderunner.layer;

import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import org.jspecify.annotations.Nullable;

/** Removes directories with all they hold, links themselves rather than what they point to. */
public final class TreeRemoval {
  private TreeRemoval() {}

  /** Removes this directory; one that isn't there is a success. */
  public static void remove(Path directory) throws IOException {
    try {
      Files.walkFileTree(directory, new Remover(directory, true));
    } catch (NoSuchFileException gone) {
      return; // Somebody else was faster, or there never was one.
    }
  }

  /** Removes a directory that is entered by its descriptor, since its name may be any bytes. */
  static void remove(LinuxFiles files, int parent, String name) throws IOException {
    int directory = files.openDirectory(parent, name);
    try {
      Path inside = Path.of("/proc/self/fd/" + directory + "/");
      Files.walkFileTree(inside.resolve("."), new Remover(inside.resolve("."), false));
    } finally {
      files.close(directory);
    }
    files.removeEmptyDirectory(parent, name);
  }

  private static final class Remover extends SimpleFileVisitor<Path> {
    private final Path top;
    private final boolean withTop;

    Remover(Path top, boolean withTop) {
      this.top = top;
      this.withTop = withTop;
    }

    @Override
    public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
      Files.delete(file);
      return FileVisitResult.CONTINUE;
    }

    @Override
    public FileVisitResult postVisitDirectory(Path directory, @Nullable IOException failure)
        throws IOException {
      if (failure != null) {
        throw failure;
      }
      if (withTop || !directory.equals(top)) {
        Files.delete(directory);
      }
      return FileVisitResult.CONTINUE;
    }
  }
}
