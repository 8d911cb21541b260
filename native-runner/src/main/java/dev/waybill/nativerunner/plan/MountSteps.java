package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.cgroup.CgroupPlan;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.nativerunner.spec.SpecRules;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Spec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The mounts of a container, in the configuration's order. */
final class MountSteps {
  private static final long NOSUID_NODEV_NOEXEC = 2 | 4 | 8;
  private static final long READ_ONLY = 1;

  /** File systems of which each mount may have an SELinux label. */
  private static final Set<String> LABELLED = Set.of("tmpfs", "mqueue", "overlay");

  private final Launch launch;
  private final Spec spec;
  private final HostFacts host;
  private final CgroupPlan cgroups;
  private final PlanBuilder plan;
  private int trees;

  MountSteps(Launch launch, HostFacts host, CgroupPlan cgroups, PlanBuilder plan) {
    this.launch = launch;
    this.spec = launch.spec();
    this.host = host;
    this.cgroups = cgroups;
    this.plan = plan;
  }

  void add() throws RefusedSpecException {
    for (int i = 0; i < spec.mounts().size(); i++) {
      Spec.Mount mount = spec.mounts().get(i);
      MountOptions options = MountOptions.parse(mount.options());
      String origin = "mounts[" + i + "]";
      if (options.bind() || mount.type().equals("bind")) {
        addBind(mount, options, origin);
      } else if (mount.type().equals("cgroup") || mount.type().equals("cgroup2")) {
        addCgroup(mount, options, origin);
      } else {
        addNew(mount, options, origin);
      }
    }
  }

  private void addBind(Spec.Mount mount, MountOptions options, String origin)
      throws RefusedSpecException {
    String source =
        mount.source().startsWith("/") ? mount.source() : launch.bundle() + "/" + mount.source();
    options.data().forEach(d -> plan.note(origin + ": option '" + d + "' means nothing to a bind"));
    plan.container(
        new Op.Bind(
            source,
            mount.destination(),
            options.recursive(),
            options.set(),
            options.clear(),
            options.attributesRecursive(),
            options.propagation(),
            idmap(mount, options, source, origin)),
        origin);
  }

  /** Prepares an idmapped tree where one is wanted; its number, or 0. */
  private int idmap(Spec.Mount mount, MountOptions options, String source, String origin)
      throws RefusedSpecException {
    if (!options.idmap() && mount.uidMappings().isEmpty() && mount.gidMappings().isEmpty()) {
      return 0;
    }
    // Without mappings of its own the mount has those of the container.
    boolean own = !mount.uidMappings().isEmpty();
    List<Linux.IdMapping> uids = own ? mount.uidMappings() : spec.linux().uidMappings();
    List<Linux.IdMapping> gids = own ? mount.gidMappings() : spec.linux().gidMappings();
    if (uids.isEmpty() || gids.isEmpty()) {
      throw new RefusedSpecException(
          origin + ".uidMappings", "an idmapped mount needs uidMappings and gidMappings");
    }
    plan.host(
        new Op.IdmapTree(source, options.recursive(), IdMaps.lines(uids), IdMaps.lines(gids)),
        origin);
    return ++trees;
  }

  private void addNew(Spec.Mount mount, MountOptions options, String origin)
      throws RefusedSpecException {
    if (options.idmap() || !mount.uidMappings().isEmpty()) {
      throw new RefusedSpecException(origin, "only a bind can be idmapped");
    }
    List<String> data = new ArrayList<>();
    if (!spec.linux().mountLabel().isEmpty() && LABELLED.contains(mount.type())) {
      data.add("context=" + spec.linux().mountLabel());
    }
    for (String option : options.data()) {
      if (mount.type().equals("overlay") && option.startsWith("lowerdir=")) {
        // One option for each, so that the list may be long.
        for (String lower : option.substring("lowerdir=".length()).split(":")) {
          data.add("lowerdir+=" + lower);
        }
      } else {
        data.add(option);
      }
    }
    plan.container(
        new Op.Mount(
            mount.type(),
            mount.source(),
            data,
            mount.destination(),
            options.set(),
            options.propagation(),
            options.copyUp() && mount.type().equals("tmpfs")),
        origin);
  }

  /**
   * The container's own cgroups, read-only unless said otherwise. On version 1 each controller's
   * directory is shown below a tmpfs; with a cgroup namespace on version 2 the hierarchy is
   * mounted.
   */
  private void addCgroup(Spec.Mount mount, MountOptions options, String origin) {
    long attributes = options.set() | NOSUID_NODEV_NOEXEC;
    if (host.cgroups().isV2() && !cgroups.cloneInto().isEmpty()) {
      boolean own = SpecRules.hasNamespace(spec.linux(), "cgroup");
      String source = own ? cgroups.cloneInto() : host.cgroups().unified();
      bind(source, mount.destination(), attributes, origin);
      return;
    }
    plan.container(
        new Op.Mount(
            "tmpfs",
            "tmpfs",
            List.of("mode=755", "size=64k"),
            mount.destination(),
            NOSUID_NODEV_NOEXEC,
            0,
            false),
        origin);
    for (Map.Entry<String, String> path : cgroups.paths().entrySet()) {
      bind(path.getValue(), mount.destination() + "/" + path.getKey(), attributes, origin);
    }
    if ((attributes & READ_ONLY) != 0) {
      plan.container(new Op.ReadOnly(mount.destination()), origin);
    }
  }

  private void bind(String source, String target, long attributes, String origin) {
    plan.container(new Op.Bind(source, target, false, attributes, 0, false, 0, 0), origin);
  }
}
