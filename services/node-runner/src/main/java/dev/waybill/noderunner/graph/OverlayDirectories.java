package dev.waybill.noderunner.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/** The directories of a container that an overlay is made of. */
final class OverlayDirectories {
  static final String UPPER = "upper";
  static final String WORK = "work";
  static final String ROOTFS = "rootfs";

  private OverlayDirectories() {}

  static void make(Path home) throws IOException {
    for (String name : List.of(UPPER, WORK, ROOTFS)) {
      make(home, name);
    }
  }

  static Path make(Path home, String name) throws IOException {
    Path made = Files.createDirectory(home.resolve(name));
    // The mode of upper, or of the tree, becomes the mode of the container's root.
    return Files.setPosixFilePermissions(made, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  static Root.Overlay of(Path home, List<Path> lower) {
    return new Root.Overlay(lower, home.resolve(UPPER), home.resolve(WORK), home.resolve(ROOTFS));
  }
}
