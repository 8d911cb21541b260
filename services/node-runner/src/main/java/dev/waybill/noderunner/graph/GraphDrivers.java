package dev.waybill.noderunner.graph;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;

/** The drivers of a host: one for new containers, and each for those that were made with it. */
public final class GraphDrivers {
  private static final String DRIVER = "driver";

  private final GraphKind chosen;
  private final Map<GraphKind, GraphDriver> drivers = new EnumMap<>(GraphKind.class);

  /**
   * @param chosen for new containers
   * @param trouble is told, in one line, what went wrong beside the calls
   */
  public GraphDrivers(GraphKind chosen, Consumer<String> trouble) {
    this.chosen = chosen;
    drivers.put(GraphKind.OVERLAY, new OverlayDriver());
    drivers.put(GraphKind.COPY, new CopyDriver());
    drivers.put(GraphKind.FUSE_OVERLAYFS, new FuseOverlayDriver(trouble));
  }

  /** Overlayfs for new containers. */
  public static GraphDrivers usual() {
    return new GraphDrivers(GraphKind.OVERLAY, line -> {});
  }

  /** The driver for a new container, noted in its directory if it isn't overlayfs. */
  public GraphDriver forNew(Path home) throws IOException {
    if (chosen != GraphKind.OVERLAY) {
      Files.writeString(home.resolve(DRIVER), chosen.word());
    }
    return driver(chosen);
  }

  /** The driver that this container was made with. */
  public GraphDriver of(Path home) throws IOException {
    try {
      return driver(GraphKind.of(Files.readString(home.resolve(DRIVER)).strip()));
    } catch (NoSuchFileException unnoted) {
      return driver(GraphKind.OVERLAY);
    }
  }

  private GraphDriver driver(GraphKind kind) {
    return Objects.requireNonNull(drivers.get(kind));
  }
}
