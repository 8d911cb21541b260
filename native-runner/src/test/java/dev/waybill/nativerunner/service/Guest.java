package dev.waybill.nativerunner.service;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;

/** A root filesystem that holds one static program, compiled once for all tests. */
final class Guest {
  private static final Path BINARY = compile();

  private Guest() {}

  private static Path compile() {
    try {
      Path dir = Files.createTempDirectory("waybill-guest");
      Path source = dir.resolve("guest.c");
      try (InputStream in = Guest.class.getResourceAsStream("/guest.c")) {
        Files.copy(in, source, StandardCopyOption.REPLACE_EXISTING);
      }
      Path binary = dir.resolve("guest");
      // Deleted in the reverse order.
      dir.toFile().deleteOnExit();
      source.toFile().deleteOnExit();
      binary.toFile().deleteOnExit();
      run("cc", "-O1", "-static", "-s", "-o", binary.toString(), source.toString());
      return binary;
    } catch (IOException e) {
      throw new IllegalStateException("cannot compile the guest", e);
    }
  }

  static void run(String... command) throws IOException {
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes());
    try {
      if (process.waitFor() != 0) {
        throw new IOException(String.join(" ", command) + ": " + output);
      }
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  /** Makes a root filesystem. */
  static Path rootfs(Path parent) throws IOException {
    Path root = parent.resolve("rootfs");
    for (String dir : List.of("bin", "proc", "sys", "dev", "tmp", "etc")) {
      Files.createDirectories(root.resolve(dir));
    }
    Files.copy(BINARY, root.resolve("bin/guest"), StandardCopyOption.REPLACE_EXISTING);
    root.resolve("bin/guest").toFile().setExecutable(true, false);
    Files.writeString(root.resolve("etc/plain"), "not a program\n");
    return root;
  }
}
