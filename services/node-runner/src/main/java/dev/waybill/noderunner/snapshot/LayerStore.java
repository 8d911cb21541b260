package dev.waybill.noderunner.snapshot;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.TreeRemoval;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/** The layers of this host. */
public final class LayerStore {
  private static final int LINK_DIGITS_MIN = 10;

  private final Path layers;
  private final Path links;
  private final Path empty;
  private final Path temporary;

  private LayerStore(Path layers, Path links, Path empty, Path temporary) {
    this.layers = layers;
    this.links = links;
    this.empty = empty;
    this.temporary = temporary;
  }

  /** Opens the store in this directory; only one process may have it open. */
  public static LayerStore open(Path data) throws IOException {
    Path layers = Files.createDirectories(data.resolve("layers"));
    // Layers hold set-user-id programs: nobody but root may get at them outside of a container.
    Files.setPosixFilePermissions(layers, PosixFilePermissions.fromString("rwx------"));
    Path temporary = Files.createDirectories(data.resolve("tmp"));
    try (Stream<Path> left = Files.list(temporary)) {
      for (Path abandoned : left.toList()) {
        TreeRemoval.remove(abandoned);
      }
    }
    return new LayerStore(
        layers,
        Files.createDirectories(data.resolve("l")),
        Files.createDirectories(data.resolve("empty")),
        temporary);
  }

  /** Whether the layer is here. */
  public boolean has(Digest diffId) {
    return Files.isDirectory(directory(diffId), LinkOption.NOFOLLOW_LINKS);
  }

  /** The layers that are here. */
  public SortedSet<Digest> all() throws IOException {
    SortedSet<Digest> found = new TreeSet<>();
    try (Stream<Path> directories = Files.list(layers)) {
      directories.forEach(each -> found.add(Digest.ofHex("" + each.getFileName())));
    }
    return found;
  }

  /** Room for a layer that is being unpacked; the caller closes it, committed or not. */
  public LayerDraft prepare() throws IOException {
    return new LayerDraft(this, Files.createTempDirectory(temporary, "layer"));
  }

  /** The name makes it visible; that another was faster is as good. */
  void publish(Path draft, Digest diffId) throws IOException {
    if (has(diffId)) {
      return;
    }
    try {
      Files.move(draft, directory(diffId), StandardCopyOption.ATOMIC_MOVE);
    } catch (IOException e) {
      if (!has(diffId)) {
        throw e;
      }
    }
  }

  /** Removes a layer; it must be in no container's use. */
  public void remove(Digest diffId) throws IOException {
    Path leaving = Files.createTempDirectory(temporary, "removed").resolve("layer");
    Path holder = leaving.resolveSibling("");
    try {
      Files.move(directory(diffId), leaving, StandardCopyOption.ATOMIC_MOVE);
      Files.deleteIfExists(link(diffId));
    } catch (NoSuchFileException gone) {
      // Not here is what was wanted.
    } finally {
      TreeRemoval.remove(holder);
    }
  }

  /**
   * The directories for overlayfs' {@code lowerdir}, top layer first, by their short names.
   * Overlayfs takes none twice and wants at least one: of a layer that an image has several times,
   * the topmost place counts, and an image without layers stands on an empty directory.
   *
   * @param diffIds lowest first, as an image's configuration has them
   */
  public List<Path> lowerDirectories(List<Digest> diffIds) throws IOException {
    List<Path> found = new ArrayList<>();
    for (Digest diffId : new LinkedHashSet<>(diffIds.reversed())) {
      if (!has(diffId)) {
        throw new NoSuchFileException("layer " + diffId + " is not on this host");
      }
      found.add(link(diffId));
    }
    return found.isEmpty() ? List.of(empty) : List.copyOf(found);
  }

  /** The shortest name that no other layer has, made if it is missing. */
  private Path link(Digest diffId) throws IOException {
    Path target = links.relativize(directory(diffId));
    for (int digits = LINK_DIGITS_MIN; ; digits++) {
      Path link = links.resolve(diffId.hex().substring(0, digits));
      try {
        if (Files.readSymbolicLink(link).equals(target)) {
          return link;
        }
      } catch (NoSuchFileException missing) {
        try {
          return Files.createSymbolicLink(link, target);
        } catch (FileAlreadyExistsException raced) {
          digits--; // Look again: it may be ours.
        }
      }
    }
  }

  private Path directory(Digest diffId) {
    return layers.resolve(diffId.hex());
  }

  /**
   * A directory on the file system of the layers; what is left in it is removed at {@link #open}.
   */
  public Path temporary() {
    return temporary;
  }
}
