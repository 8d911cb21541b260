package dev.waybill.noderunner.graph;

import dev.waybill.noderunner.layer.TreeRemoval;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Tries whether overlayfs can stand on a directory, by mounting one in a mount namespace that ends
 * with the try, and by what containers do in it: a directory in place of another, which needs the
 * attributes that some file systems don't have.
 */
final class OverlayProbe {
  private static final int EPERM = 1;

  /** What came of it. */
  sealed interface Outcome {
    /** It can. */
    record Works() implements Outcome {}

    /** It can't, and why. */
    record Refused(String reason) implements Outcome {}

    /** This process may not mount; native-runner may, so it isn't known. */
    record Untried() implements Outcome {}
  }

  private OverlayProbe() {}

  /**
   * @param directory where containers will be; what the try makes in it is removed
   */
  static Outcome at(Path directory) throws IOException {
    Path place = Files.createTempDirectory(directory, "probe");
    try {
      Path lower = Files.createDirectories(place.resolve("lower/replaced")).getParent();
      OverlayDirectories.make(place);
      return onThreadOfItsOwn(OverlayDirectories.of(place, List.of(lower)));
    } finally {
      TreeRemoval.remove(place);
    }
  }

  private static Outcome onThreadOfItsOwn(Root.Overlay overlay) throws IOException {
    var task = new FutureTask<>(() -> tryTo(overlay));
    Thread.ofPlatform().name("overlay-probe").start(task);
    try {
      return task.get();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while overlayfs was tried", e);
    } catch (ExecutionException e) {
      throw new IOException("overlayfs cannot be tried at " + overlay.rootfs(), e.getCause());
    }
  }

  private static Outcome tryTo(Root.Overlay overlay) throws IOException {
    try {
      HostMounts.leaveNamespace();
    } catch (HostMounts.RefusedException e) {
      if (e.errno() == EPERM) {
        return new Outcome.Untried();
      }
      throw e;
    }
    try {
      HostMounts.mountOverlay(overlay);
      Path replaced = overlay.rootfs().resolve("replaced");
      Files.delete(replaced);
      Files.createDirectory(replaced);
      return new Outcome.Works();
    } catch (IOException e) {
      return new Outcome.Refused(String.valueOf(e.getMessage()));
    }
  }
}
