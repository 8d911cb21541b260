package dev.waybill.noderunner.graph;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/** The program fuse-overlayfs as this host has it. */
final class FuseOverlayProgram {
  static final String MISSING =
      "graph driver fuse-overlayfs needs the program fuse-overlayfs, which is not in PATH: install"
          + " it, or set waybill.node-runner.graph-driver to copy";
  static final String TYPE = "fuse.fuse-overlayfs";

  private static final String NAME = "fuse-overlayfs";

  /** What is written goes to the upper directory at once: it is read there for commits. */
  private static final String OPTIONS = "dev,suid,allow_other,writeback=0,";

  private FuseOverlayProgram() {}

  static Optional<Path> find() {
    String path = Objects.requireNonNullElse(System.getenv("PATH"), "/usr/sbin:/usr/bin");
    return Arrays.stream(path.split(File.pathSeparator))
        .map(directory -> Path.of(directory, NAME))
        .filter(Files::isExecutable)
        .findFirst();
  }

  /**
   * Starts it for one overlay. It is in a session of its own and holds nothing of ours open, so
   * that it outlives this process as containers do, whatever ends us.
   *
   * @param log takes what it says
   */
  static Process start(Root.Overlay overlay, Path log) throws IOException {
    Path program = find().orElseThrow(() -> new IOException(MISSING));
    return new ProcessBuilder(
            List.of(
                "setsid",
                program.toString(),
                "-f",
                "-o",
                OPTIONS + overlay.mountOptions(),
                overlay.rootfs().toString()))
        .directory(new File("/"))
        .redirectInput(new File("/dev/null"))
        .redirectErrorStream(true)
        .redirectOutput(log.toFile())
        .start();
  }

  /** The last thing it said. */
  static String lastWords(Path log) throws IOException {
    if (!Files.exists(log)) {
      return "";
    }
    try (var lines = Files.lines(log)) {
      return lines.reduce("", (earlier, later) -> later).strip();
    }
  }
}
