package dev.waybill.nativerunner.sys;

import dev.waybill.nativerunner.cgroup.CgroupLayout;
import dev.waybill.nativerunner.plan.HostFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/** Reads the facts that plans depend on from /proc and /sys. */
public final class HostFactsReader {
  private static final Map<String, Integer> LIMITS =
      Map.ofEntries(
          Map.entry("Max cpu time", 0),
          Map.entry("Max file size", 1),
          Map.entry("Max data size", 2),
          Map.entry("Max stack size", 3),
          Map.entry("Max core file size", 4),
          Map.entry("Max resident set", 5),
          Map.entry("Max processes", 6),
          Map.entry("Max open files", 7),
          Map.entry("Max locked memory", 8),
          Map.entry("Max address space", 9),
          Map.entry("Max file locks", 10),
          Map.entry("Max pending signals", 11),
          Map.entry("Max msgqueue size", 12),
          Map.entry("Max nice priority", 13),
          Map.entry("Max realtime priority", 14),
          Map.entry("Max realtime timeout", 15));

  /** Columns of /proc/self/limits: name, soft limit, hard limit. */
  private static final int NAME_WIDTH = 26;

  private static final int SOFT_WIDTH = 21;

  private HostFactsReader() {}

  /** The facts of this process on this host. */
  public static HostFacts read() throws IOException {
    List<String> mountinfo = Files.readAllLines(Path.of("/proc/self/mountinfo"));
    CgroupLayout layout = CgroupLayout.parse(mountinfo, Set.of());
    if (!layout.unified().isEmpty()) {
      String words = Files.readString(Path.of(layout.unified(), "cgroup.controllers")).strip();
      Set<String> controllers = new HashSet<>(List.of(words.split(" ")));
      controllers.remove("");
      if (hasBfq(layout.unified())) {
        controllers.add(CgroupLayout.BFQ);
      }
      layout = CgroupLayout.parse(mountinfo, controllers);
    }
    // By lines, for the kernel gives a number only to a read that takes it as a whole.
    long last =
        Long.parseLong(Files.readAllLines(Path.of("/proc/sys/kernel/cap_last_cap")).getFirst());
    String memory = layout.v1().getOrDefault("memory", "");
    boolean swap =
        layout.isV2()
            || !memory.isEmpty() && Files.exists(Path.of(memory, "memory.memsw.limit_in_bytes"));
    return new HostFacts(
        runner(),
        capabilities(),
        (1L << (last + 1)) - 1,
        layout,
        swap,
        hardLimits(),
        Integer.parseInt(Files.readString(Path.of("/proc/self/oom_score_adj")).strip()),
        supports());
  }

  /** Whether cgroups have weights of bfq: any but the root would show it. */
  private static boolean hasBfq(String mount) throws IOException {
    try (var below = Files.newDirectoryStream(Path.of(mount), Files::isDirectory)) {
      var first = below.iterator();
      return first.hasNext()
          ? Files.exists(first.next().resolve(CgroupLayout.BFQ))
          : Files.exists(Path.of("/sys/module/bfq"));
    }
  }

  private static HostFacts.Runner runner() throws IOException {
    long uid = 0;
    long gid = 0;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      String[] words = line.split("\\s+");
      if (words[0].equals("Uid:")) {
        uid = Long.parseLong(words[2]);
      }
      if (words[0].equals("Gid:")) {
        gid = Long.parseLong(words[2]);
      }
    }
    String map = Files.readString(Path.of("/proc/self/uid_map")).strip();
    return new HostFacts.Runner(uid, gid, !map.matches("0 +0 +4294967295"));
  }

  /** The facts with those hierarchies closed in which this process may not make a path. */
  public static HostFacts forCgroups(HostFacts facts, String path) throws IOException {
    Set<String> closed = new TreeSet<>();
    for (String mount : facts.cgroups().mounts()) {
      Path deepest = Path.of(mount + path).normalize();
      while (!Files.exists(deepest) && deepest.getParent() != null) {
        deepest = deepest.getParent();
      }
      if (!Files.isWritable(deepest)) {
        closed.add(mount);
      }
    }
    CgroupLayout layout = facts.cgroups().without(closed);
    return facts.with(layout.isV2() && closed.isEmpty() ? given(layout, path) : layout);
  }

  /** The part of version 2 that belongs to the runner: from its uppermost directory on. */
  private static CgroupLayout given(CgroupLayout layout, String path) throws IOException {
    Path mount = Path.of(layout.unified());
    Path part = mount;
    boolean isGiven = Files.isWritable(mount.resolve("cgroup.subtree_control"));
    for (Path name : Path.of("/").relativize(Path.of(path).normalize())) {
      Path next = part.resolve(name);
      if (isGiven || !Files.exists(next)) {
        break;
      }
      part = next;
      isGiven = Files.isWritable(part.resolve("cgroup.subtree_control"));
    }
    if (part.equals(mount)) {
      return layout;
    }
    String words = Files.readString(part.resolve("cgroup.controllers")).strip();
    return layout.within(part.toString(), words.isEmpty() ? Set.of() : Set.of(words.split(" +")));
  }

  private static SortedSet<String> supports() throws IOException {
    SortedSet<String> supports = new TreeSet<>();
    Path apparmor = Path.of("/sys/module/apparmor/parameters/enabled");
    if (Files.exists(apparmor) && Files.readString(apparmor).startsWith("Y")) {
      supports.add(HostFacts.APPARMOR);
    }
    if (Files.exists(Path.of("/sys/fs/selinux/enforce"))) {
      supports.add(HostFacts.SELINUX);
    }
    if (Files.exists(Path.of("/sys/fs/resctrl/schemata"))) {
      supports.add(HostFacts.RDT);
    }
    if (Files.exists(Path.of("/proc/self/ns/time"))) {
      supports.add(HostFacts.TIME);
    }
    return supports;
  }

  /** What the runner has now and may also keep in the bounding set. */
  private static long capabilities() throws IOException {
    long mask = -1;
    for (String line : Files.readAllLines(Path.of("/proc/self/status"))) {
      if (line.startsWith("CapEff:") || line.startsWith("CapBnd:")) {
        mask &= Long.parseUnsignedLong(line.substring(7).strip(), 16);
      }
    }
    return mask;
  }

  private static SortedMap<Integer, Long> hardLimits() throws IOException {
    SortedMap<Integer, Long> limits = new TreeMap<>();
    for (String line : Files.readAllLines(Path.of("/proc/self/limits"))) {
      Integer number = LIMITS.get(line.substring(0, NAME_WIDTH).strip());
      if (number != null) {
        String hard = line.substring(NAME_WIDTH + SOFT_WIDTH).strip().split(" ")[0];
        limits.put(number, hard.equals("unlimited") ? -1L : Long.parseLong(hard));
      }
    }
    return limits;
  }
}
