package dev.waybill.noderunner.graph;

import dev.waybill.noderunner.layer.UpperTree;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An overlay that the program fuse-overlayfs serves, one process for each container, mounted on the
 * host from before a start until after the end. Process and mount outlive this process, as the
 * container does; both are found again by the mount table and a file with the process' id.
 */
final class FuseOverlayDriver implements GraphDriver {
  private static final String SERVER = "server";
  private static final String LOG = "server.log";
  private static final Duration MOUNTED_WITHIN = Duration.ofSeconds(20);
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(3);
  private static final long LOOK_MS = 3;

  private final Consumer<String> trouble;
  private final Map<Path, ProcessHandle> servers = new ConcurrentHashMap<>();

  /**
   * @param trouble is told of a process that ended by itself, in one line
   */
  FuseOverlayDriver(Consumer<String> trouble) {
    this.trouble = trouble;
  }

  @Override
  public GraphKind kind() {
    return GraphKind.FUSE_OVERLAYFS;
  }

  @Override
  public void make(Path home, List<Path> lower) throws IOException {
    OverlayDirectories.make(home);
  }

  @Override
  public Root root(Path home, List<Path> lower) {
    return new Root.Tree(home.resolve(OverlayDirectories.ROOTFS));
  }

  @Override
  public List<LayerEntry> changes(
      Path home, List<Path> lower, Set<String> mountPoints, Instant notAfter) throws IOException {
    return UpperTree.read(home.resolve(OverlayDirectories.UPPER), lower, mountPoints, notAfter);
  }

  @Override
  public void mount(Path home, List<Path> lower) throws IOException {
    Path place = place(home);
    if (isMounted(place) && answers(place)) {
      return;
    }
    unmount(home); // The mount of a process that died, or a process that hasn't got to mounting.
    Process server = FuseOverlayProgram.start(OverlayDirectories.of(home, lower), log(home));
    try {
      remember(home, server.toHandle());
      awaitMounted(server, home, place);
      watch(home, place, server.toHandle());
    } catch (IOException | RuntimeException e) {
      server.destroyForcibly();
      try {
        unmount(home);
      } catch (IOException alsoFailed) {
        e.addSuppressed(alsoFailed);
      }
      throw e;
    }
  }

  /** Where it is mounted, as the mount table names it. */
  private static Path place(Path home) throws IOException {
    return home.toRealPath().resolve(OverlayDirectories.ROOTFS);
  }

  private static Path log(Path home) {
    return home.resolve(LOG);
  }

  private static boolean isMounted(Path place) throws IOException {
    return HostMounts.ofType(FuseOverlayProgram.TYPE).contains(place);
  }

  /** A mount whose process is gone gives errors only. */
  private static boolean answers(Path place) {
    return Files.isDirectory(place);
  }

  private void awaitMounted(Process server, Path home, Path place) throws IOException {
    long deadline = System.nanoTime() + MOUNTED_WITHIN.toNanos();
    while (!isMounted(place)) {
      try {
        if (server.waitFor(LOOK_MS, TimeUnit.MILLISECONDS)) {
          throw new IOException(
              "fuse-overlayfs for container %s ended with code %d: %s"
                  .formatted(name(home), server.exitValue(), lastWords(home)));
        }
      } catch (InterruptedException e) {
        throw interrupted();
      }
      if (System.nanoTime() > deadline) {
        throw new IOException(
            "fuse-overlayfs for container %s mounted nothing within %d s: %s"
                .formatted(name(home), MOUNTED_WITHIN.toSeconds(), lastWords(home)));
      }
    }
  }

  private static String lastWords(Path home) throws IOException {
    return FuseOverlayProgram.lastWords(log(home));
  }

  private static InterruptedIOException interrupted() {
    Thread.currentThread().interrupt();
    return new InterruptedIOException("interrupted while fuse-overlayfs was waited for");
  }

  private static String name(Path home) {
    return String.valueOf(home.getFileName());
  }

  private void watch(Path home, Path place, ProcessHandle server) {
    servers.put(place, server);
    var _ =
        server
            .onExit()
            .thenRun(
                () -> {
                  if (servers.remove(place, server)) {
                    trouble.accept(
                        ("fuse-overlayfs of container %s ended by itself: what runs in it can't"
                                + " reach its files any more, stop and start it; see %s")
                            .formatted(name(home), log(home)));
                  }
                });
  }

  @Override
  public void adopt(Path home) throws IOException {
    Path place = place(home);
    if (isMounted(place)) {
      remembered(home).ifPresent(server -> watch(home, place, server));
    }
  }

  @Override
  public void unmount(Path home) throws IOException {
    if (!Files.isDirectory(home)) {
      return;
    }
    Path place = place(home);
    @Nullable ProcessHandle ours = servers.remove(place);
    Optional<ProcessHandle> server = ours == null ? remembered(home) : Optional.of(ours);
    while (isMounted(place)) {
      HostMounts.detach(place);
    }
    if (server.isPresent()) {
      end(server.get());
    }
    Files.deleteIfExists(home.resolve(SERVER));
  }

  /**
   * A process ends when the last one has let its mount go, which another mount namespace may hold.
   * Nothing is lost if it must be told to: it has written all that it was given.
   */
  private static void end(ProcessHandle server) throws IOException {
    if (!endsSoon(server)) {
      server.destroy();
      if (!endsSoon(server)) {
        server.destroyForcibly();
      }
    }
    if (!endsSoon(server)) {
      throw new IOException("fuse-overlayfs, process " + server.pid() + ", can't be ended");
    }
  }

  private static boolean endsSoon(ProcessHandle server) throws IOException {
    try {
      server.onExit().get(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      return true;
    } catch (TimeoutException e) {
      return false;
    } catch (InterruptedException e) {
      throw interrupted();
    } catch (ExecutionException e) {
      throw new IOException("process " + server.pid() + " can't be waited for", e.getCause());
    }
  }

  private static void remember(Path home, ProcessHandle server) throws IOException {
    Files.writeString(home.resolve(SERVER), server.pid() + " " + start(server));
  }

  /** The process that serves this container, if it is still that one and not another of its id. */
  private static Optional<ProcessHandle> remembered(Path home) throws IOException {
    String[] words;
    try {
      words = Files.readString(home.resolve(SERVER)).split(" ");
    } catch (NoSuchFileException none) {
      return Optional.empty();
    }
    return words.length < 2 || !words[0].matches("\\d{1,18}") // A kill cut the writing off.
        ? Optional.empty()
        : ProcessHandle.of(Long.parseLong(words[0]))
            .filter(server -> start(server).equals(words[1]));
  }

  private static String start(ProcessHandle server) {
    return server.info().startInstant().map(Instant::toString).orElse("");
  }
}
