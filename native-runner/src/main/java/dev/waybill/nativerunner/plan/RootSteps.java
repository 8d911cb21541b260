package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Spec;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * The root filesystem: a directory, or an overlay that is mounted in the container's own mount
 * namespace, so that nothing of it is ever on the host.
 */
final class RootSteps {
  /** Lower directories of the overlay, the topmost first, separated by colons. */
  static final String LOWER = "dev.waybill.rootfs.lowerdir";

  /** Directory that takes the container's changes; without it the overlay is read-only. */
  static final String UPPER = "dev.waybill.rootfs.upperdir";

  /** {@code true} where nobody needs what was written once the container has ended. */
  static final String VOLATILE = "dev.waybill.rootfs.volatile";

  /** The overlay's scratch directory, on the upper one's file system. */
  static final String WORK = "dev.waybill.rootfs.workdir";

  private static final String PROPAGATION = "linux.rootfsPropagation";
  private static final int RECURSIVE = 1 << 14;
  private static final int SLAVE = 1 << 19;
  private static final int PRIVATE = 1 << 18;
  private static final long READ_ONLY = 1;

  private static final Map<String, Integer> PROPAGATIONS =
      Map.of("shared", 1 << 20, "slave", SLAVE, "private", PRIVATE, "unbindable", 1 << 17);

  private final Launch launch;
  private final Spec spec;
  private final PlanBuilder plan;

  RootSteps(Launch launch, PlanBuilder plan) {
    this.launch = launch;
    this.spec = launch.spec();
    this.plan = plan;
  }

  private static String absolute(String base, String path) {
    return path.startsWith("/") ? path : base + "/" + path;
  }

  private static String plain(String propagation) {
    return propagation.startsWith("r") ? propagation.substring(1) : propagation;
  }

  private boolean isShared() {
    return plain(spec.linux().rootfsPropagation()).equals("shared");
  }

  void prepare() throws RefusedSpecException {
    Spec.Root root = Objects.requireNonNull(spec.root(), "checked by SpecRules");
    String target = absolute(launch.bundle(), root.path());
    if (isShared()) {
      // What is mounted below a shared mount inside shall reach the host: only the root itself
      // stays out of sight.
      plan.container(new Op.PrivateParent(target), PROPAGATION);
    } else {
      // Nothing that is mounted inside may reach the host; what the host mounts may come in only
      // where the configuration lets it.
      boolean isolated = spec.linux().rootfsPropagation().endsWith("private");
      plan.container(new Op.Propagation(RECURSIVE | (isolated ? PRIVATE : SLAVE)), PROPAGATION);
    }
    String lower = spec.annotation(LOWER);
    if (lower.isEmpty()) {
      plan.container(new Op.RootBind(target), "root.path");
      return;
    }
    String upper = spec.annotation(UPPER);
    String work = spec.annotation(WORK);
    if (upper.isEmpty() != work.isEmpty()) {
      throw new RefusedSpecException(
          "annotations." + (upper.isEmpty() ? UPPER : WORK), "missing; both or none are needed");
    }
    plan.container(
        new Op.RootOverlay(
            target,
            List.of(lower.split(":")),
            upper,
            work,
            !upper.isEmpty() && spec.annotation(VOLATILE).equals("true")),
        "annotations." + LOWER);
  }

  void pivot() throws RefusedSpecException {
    int way =
        launch.pivot() == Launch.Pivot.MOVE
            ? Op.PivotRoot.MOVE
            : isShared() ? Op.PivotRoot.FROM_SHARED : Op.PivotRoot.PIVOT;
    plan.container(new Op.PivotRoot(way), "root");
    boolean readonly = Objects.requireNonNull(spec.root()).readonly();
    int propagation = propagation(spec.linux().rootfsPropagation());
    if (readonly || propagation != 0) {
      plan.container(
          new Op.RootAttributes(readonly ? READ_ONLY : 0, propagation),
          readonly ? "root.readonly" : PROPAGATION);
    }
  }

  private static int propagation(String wanted) throws RefusedSpecException {
    if (wanted.isEmpty()) {
      return 0;
    }
    Integer flag = PROPAGATIONS.get(plain(wanted));
    if (flag == null) {
      throw new RefusedSpecException(
          PROPAGATION, "'" + wanted + "' is not a propagation of mounts");
    }
    return flag | (wanted.startsWith("r") ? RECURSIVE : 0);
  }
}
