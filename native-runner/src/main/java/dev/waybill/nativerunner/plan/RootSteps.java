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

  /** The overlay's scratch directory, on the upper one's file system. */
  static final String WORK = "dev.waybill.rootfs.workdir";

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

  void prepare() throws RefusedSpecException {
    // Nothing that is mounted inside may reach the host; what the host mounts may come in only
    // where
    // the configuration lets it.
    boolean isolated = spec.linux().rootfsPropagation().endsWith("private");
    plan.container(
        new Op.Propagation(RECURSIVE | (isolated ? PRIVATE : SLAVE)), "linux.rootfsPropagation");
    Spec.Root root = Objects.requireNonNull(spec.root(), "checked by SpecRules");
    String target = absolute(launch.bundle(), root.path());
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
        new Op.RootOverlay(target, List.of(lower.split(":")), upper, work), "annotations." + LOWER);
  }

  void pivot() throws RefusedSpecException {
    plan.container(new Op.PivotRoot(), "root");
    boolean readonly = Objects.requireNonNull(spec.root()).readonly();
    int propagation = 0;
    String wanted = spec.linux().rootfsPropagation();
    if (!wanted.isEmpty()) {
      String plain = wanted.startsWith("r") ? wanted.substring(1) : wanted;
      Integer flag = PROPAGATIONS.get(plain);
      if (flag == null) {
        throw new RefusedSpecException(
            "linux.rootfsPropagation", "'" + wanted + "' is not a propagation of mounts");
      }
      propagation = flag;
    }
    if (readonly || propagation != 0) {
      plan.container(
          new Op.RootAttributes(readonly ? READ_ONLY : 0, propagation),
          readonly ? "root.readonly" : "linux.rootfsPropagation");
    }
  }
}
