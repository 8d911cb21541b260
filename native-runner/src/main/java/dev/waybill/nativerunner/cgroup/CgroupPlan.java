package dev.waybill.nativerunner.cgroup;

import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.oci.runtime.Resources;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/**
 * The cgroups of one container on one host: which directories, which values, which of them the
 * process joins how.
 *
 * @param directories to be made, parents before children
 * @param cpusets directories of version 1 that take from their parents what they lack, parents
 *     first
 * @param writes values, in order; those that switch controllers on come first
 * @param joins directories whose {@code cgroup.procs} the process is written to
 * @param cloneInto directory of version 2 that the process is born in; empty for none
 * @param deviceProgram instructions that decide about devices on version 2; empty for none
 * @param paths the container's directory by controller of version 1, or under {@code unified}
 * @param notes what was left out though nothing that was asked for is missed
 * @param refusals limits that cannot be had: the host has no such controller, or it is closed to
 *     the runner
 */
public record CgroupPlan(
    List<String> directories,
    List<String> cpusets,
    List<Write> writes,
    List<String> joins,
    String cloneInto,
    byte[] deviceProgram,
    SequencedMap<String, String> paths,
    List<String> notes,
    List<Problem> refusals) {

  static final Set<String> CONTROLLERS =
      Set.of(
          "cpu",
          "cpuacct",
          "cpuset",
          "memory",
          "pids",
          "devices",
          "freezer",
          "blkio",
          "hugetlb",
          "net_cls",
          "net_prio",
          "rdma");

  /** What every container is put in, for its stats, its freezing and its end. */
  private static final Set<String> ALWAYS =
      Set.of(
          "cpu", "cpuacct", "memory", "pids", "devices", "freezer", "blkio", SystemdHierarchy.NAME);

  private static final List<Controller> ALL = controllers(false);
  private static final List<Controller> ALL_WITH_BFQ = controllers(true);

  private static List<Controller> controllers(boolean bfq) {
    return List.of(
        new CpuController(),
        new CpusetController(),
        new MemoryController(),
        new PidsController(),
        new DeviceController(),
        new BlockIoController(bfq),
        new HugepageController(),
        new NetClassController(),
        new NetPriorityController(),
        new RdmaController(),
        new FreezerController(),
        new SystemdHierarchy());
  }

  /** One value with its whole path. */
  public record Write(String path, String value, String origin) {}

  /**
   * Plans the cgroups of a container.
   *
   * @param path below each hierarchy's mount, such as {@code /waybill/web-1}
   */
  public static CgroupPlan of(String path, Resources resources, CgroupLayout layout) {
    String clean = "/" + String.join("/", parts(path));
    return layout.isV2() ? v2(clean, resources, layout) : v1(clean, resources, layout);
  }

  private static List<String> parts(String path) {
    List<String> parts = new ArrayList<>();
    for (String part : path.split("/")) {
      if (!part.isEmpty() && !part.equals(".") && !part.equals("..")) {
        parts.add(part);
      }
    }
    return parts;
  }

  private static void directories(String mount, String path, Set<String> into) {
    StringBuilder level = new StringBuilder(mount);
    for (String part : parts(path)) {
      into.add(level.append('/').append(part).toString());
    }
  }

  private static CgroupPlan v1(String path, Resources resources, CgroupLayout layout) {
    Set<String> directories = new LinkedHashSet<>();
    List<Write> writes = new ArrayList<>();
    Set<String> cpusets = new LinkedHashSet<>();
    Set<String> joins = new LinkedHashSet<>();
    SequencedMap<String, String> paths = new LinkedHashMap<>();
    List<String> notes = new ArrayList<>();
    List<Problem> refusals = new ArrayList<>();
    for (Controller controller : ALL) {
      List<Setting> settings = controller.v1(resources);
      String first = controller.namesV1().getFirst();
      boolean unwanted = settings.isEmpty() && !ALWAYS.contains(first);
      if (unwanted || (layout.bySystemd() && controller instanceof SystemdHierarchy)) {
        continue;
      }
      if (!layout.v1().containsKey(first)) {
        missing(controller, settings, first, notes, refusals);
      }
      String firstMount = layout.v1().getOrDefault(first, "");
      if (layout.closed().contains(firstMount)) {
        refusals.addAll(refused(controller, settings, firstMount));
        continue;
      }
      for (String name : controller.namesV1()) {
        String mount = layout.v1().get(name);
        if (mount != null && !layout.closed().contains(mount)) {
          directories(mount, path, directories);
          paths.put(name, mount + path);
          joins.add(mount + path);
        }
      }
      if (first.equals("cpuset") && paths.containsKey(first)) {
        directories(firstMount, path, cpusets);
      }
      for (Setting setting : settings) {
        if (paths.containsKey(first)) {
          String file = paths.get(first) + "/" + setting.file();
          writes.add(new Write(file, setting.value(), setting.origin()));
        }
      }
    }
    if (!layout.closed().isEmpty()) {
      notes.add(closedNote(layout.closed()));
    }
    for (String file : resources.unified().keySet()) {
      refusals.add(
          new Problem(
              "linux.resources.unified." + file,
              "is a file of version 2, and this host's cgroups are of version 1; remove it"));
    }
    return new CgroupPlan(
        List.copyOf(directories),
        List.copyOf(cpusets),
        writes,
        List.copyOf(joins),
        "",
        new byte[0],
        paths,
        notes,
        refusals);
  }

  /** runc and crun refuse a limit without its controller, too: nobody would know it isn't kept. */
  private static void missing(
      Controller controller,
      List<Setting> settings,
      String name,
      List<String> notes,
      List<Problem> refusals) {
    for (Setting setting : settings) {
      if (controller instanceof DeviceController) {
        notes.add(setting.origin() + ": the host has no " + name + " cgroup");
      } else {
        refusals.add(
            new Problem(
                setting.origin(),
                "cannot be had, the host has no %s cgroup; remove it, or mount the controller"
                    .formatted(name)));
      }
    }
  }

  private static String closedNote(Set<String> mounts) {
    return "linux.cgroupsPath: no cgroup below "
        + String.join(", ", mounts)
        + ", the runner may not make one there";
  }

  /** The device list is no limit that anybody misses: without rights there are no device files. */
  private static List<Problem> refused(
      Controller controller, List<Setting> settings, String mount) {
    if (controller instanceof DeviceController) {
      return List.of();
    }
    return settings.stream()
        .map(
            s ->
                new Problem(
                    s.origin(),
                    "cannot be had, the runner may not make a cgroup below %s; remove it, or let the user have one and name it in linux.cgroupsPath"
                        .formatted(mount)))
        .toList();
  }

  /** Nothing, on a host of version 2 whose hierarchy is closed. */
  private static CgroupPlan none(Resources resources, CgroupLayout layout) {
    List<Problem> refusals = new ArrayList<>();
    for (Controller controller : ALL) {
      refusals.addAll(refused(controller, controller.v2(resources), layout.unified()));
    }
    for (String file : resources.unified().keySet()) {
      refusals.add(new Problem("linux.resources.unified." + file, "cannot be had"));
    }
    return new CgroupPlan(
        List.of(),
        List.of(),
        List.of(),
        List.of(),
        "",
        new byte[0],
        new LinkedHashMap<>(),
        List.of(closedNote(layout.closed())),
        refusals);
  }

  private static CgroupPlan v2(String path, Resources resources, CgroupLayout layout) {
    if (layout.closed().contains(layout.unified())) {
      return none(resources, layout);
    }
    Set<String> directories = new LinkedHashSet<>();
    List<Write> writes = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    directories(layout.unified(), path, directories);
    List<String> wanted =
        ALL.stream()
            .map(Controller::nameV2)
            .filter(layout.unifiedControllers()::contains)
            .map(name -> "+" + name)
            .toList();
    StringBuilder level = new StringBuilder(layout.unified());
    for (String part : parts(path)) {
      // What is above a unit is systemd's to set, and what is above a given part who gave it.
      boolean ours = level.toString().startsWith(layout.given());
      if (!wanted.isEmpty() && !layout.bySystemd() && ours) {
        writes.add(
            new Write(
                level + "/cgroup.subtree_control", String.join(" ", wanted), "linux.resources"));
      }
      level.append('/').append(part);
    }
    String own = layout.unified() + path;
    directories.removeIf(directory -> !directory.startsWith(layout.given()));
    boolean bfq = layout.unifiedControllers().contains(CgroupLayout.BFQ);
    List<Problem> refusals = new ArrayList<>(MemoryController.refused(resources).stream().toList());
    for (Controller controller : bfq ? ALL_WITH_BFQ : ALL) {
      String name = controller.nameV2();
      List<Setting> settings = controller.v2(resources);
      if (!name.isEmpty() && !layout.unifiedControllers().contains(name)) {
        missing(controller, settings, name, notes, refusals);
        continue;
      }
      for (Setting setting : settings) {
        writes.add(new Write(own + "/" + setting.file(), setting.value(), setting.origin()));
      }
    }
    for (Map.Entry<String, String> raw : resources.unified().entrySet()) {
      writes.add(
          new Write(
              own + "/" + raw.getKey(), raw.getValue(), "linux.resources.unified." + raw.getKey()));
    }
    SequencedMap<String, String> paths = new LinkedHashMap<>();
    paths.put("unified", own);
    return new CgroupPlan(
        List.copyOf(directories),
        List.of(),
        writes,
        List.of(),
        own,
        DeviceProgram.compile(resources),
        paths,
        notes,
        refusals);
  }

  /** Values that change the limits of cgroups that exist. */
  static List<Write> update(Map<String, String> paths, Resources resources, boolean bfq) {
    List<Write> writes = new ArrayList<>();
    for (Controller controller : bfq ? ALL_WITH_BFQ : ALL) {
      boolean v2 = paths.containsKey("unified");
      String dir = paths.get(v2 ? "unified" : controller.namesV1().getFirst());
      boolean untouched = controller instanceof DeviceController && resources.devices().isEmpty();
      if (dir != null && !untouched) {
        for (Setting s : v2 ? controller.v2(resources) : controller.v1(resources)) {
          writes.add(new Write(dir + "/" + s.file(), s.value(), s.origin()));
        }
      }
    }
    if (paths.containsKey("unified")) {
      resources
          .unified()
          .forEach(
              (file, value) ->
                  writes.add(
                      new Write(
                          paths.get("unified") + "/" + file,
                          value,
                          "linux.resources.unified." + file)));
    }
    return writes;
  }
}
