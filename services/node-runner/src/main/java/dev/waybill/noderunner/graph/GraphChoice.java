package dev.waybill.noderunner.graph;

import dev.waybill.noderunner.graph.OverlayProbe.Outcome;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Which driver new containers of a host get.
 *
 * @param reason for people; empty where the driver is the usual one
 */
public record GraphChoice(GraphKind kind, String reason) {
  private static final Path FUSE = Path.of("/dev/fuse");

  /**
   * Chooses for a file system; overlayfs is tried there if nothing is wished.
   *
   * @param directory on it, where a kill may leave something
   * @param wished what the settings say
   * @throws IOException if what is wished can't be had on this host, or nothing could be tried
   */
  public static GraphChoice at(Path directory, Optional<GraphKind> wished) throws IOException {
    boolean hasProgram = FuseOverlayProgram.find().isPresent();
    if (wished.isPresent()) {
      if (wished.get() == GraphKind.FUSE_OVERLAYFS && !hasProgram) {
        throw new IOException(FuseOverlayProgram.MISSING);
      }
      return new GraphChoice(wished.get(), "");
    }
    return decide(OverlayProbe.at(directory), hasProgram && Files.exists(FUSE));
  }

  static GraphChoice decide(Outcome overlay, boolean hasFuseOverlayfs) {
    return switch (overlay) {
      case Outcome.Works() -> new GraphChoice(GraphKind.OVERLAY, "");
      case Outcome.Untried() -> new GraphChoice(GraphKind.OVERLAY, "");
      case Outcome.Refused(var why) when hasFuseOverlayfs ->
          new GraphChoice(GraphKind.FUSE_OVERLAYFS, "overlayfs can't be used here (" + why + ")");
      case Outcome.Refused(var why) ->
          new GraphChoice(
              GraphKind.COPY,
              "overlayfs can't be used here ("
                  + why
                  + ") and fuse-overlayfs is not installed or has no /dev/fuse");
    };
  }
}
