package dev.waybill.nativerunner.cgroup;

import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Where a host mounts its cgroup hierarchies.
 *
 * @param v1 mount of each controller of version 1, by the controller's name, and of systemd's own
 *     hierarchy
 * @param unified mount of version 2; empty when there is none
 * @param unifiedControllers controllers that version 2 has at its root, and {@link #BFQ} where it
 *     has that
 * @param closed mounts below which the runner may not make the container's cgroups
 * @param given directory of version 2 from which on down the runner may write; empty when
 *     everywhere
 * @param bySystemd whether a container's cgroups are a unit's, which systemd makes
 */
public record CgroupLayout(
    SortedMap<String, String> v1,
    String unified,
    SortedSet<String> unifiedControllers,
    SortedSet<String> closed,
    String given,
    boolean bySystemd) {

  /** The scheduler of block devices that has weights of its own, in a file that it brings along. */
  public static final String BFQ = "io.bfq.weight";

  public CgroupLayout {
    v1 = Collections.unmodifiableSortedMap(new TreeMap<>(v1));
    unifiedControllers = Collections.unmodifiableSortedSet(new TreeSet<>(unifiedControllers));
    closed = Collections.unmodifiableSortedSet(new TreeSet<>(closed));
  }

  /** One that is open to the runner everywhere. */
  public CgroupLayout(
      SortedMap<String, String> v1, String unified, SortedSet<String> unifiedControllers) {
    this(v1, unified, unifiedControllers, new TreeSet<>(), "", false);
  }

  /** The same, closed below some mounts. */
  public CgroupLayout without(Set<String> mounts) {
    return new CgroupLayout(
        v1, unified, unifiedControllers, new TreeSet<>(mounts), given, bySystemd);
  }

  /**
   * The same, with a part of version 2 that was given to the runner.
   *
   * @param controllers those that the part has
   */
  public CgroupLayout within(String part, Set<String> controllers) {
    return new CgroupLayout(v1, unified, new TreeSet<>(controllers), closed, part, bySystemd);
  }

  /** The same, with systemd as who makes them. */
  public CgroupLayout withSystemd() {
    return new CgroupLayout(v1, unified, unifiedControllers, closed, given, true);
  }

  /** Every mount of a hierarchy that containers are put in. */
  public Set<String> mounts() {
    return v1.isEmpty() ? Set.of(unified) : Set.copyOf(v1.values());
  }

  /** Whether every controller is on version 2. */
  public boolean isV2() {
    return v1.isEmpty();
  }

  /** {@code v1}, {@code hybrid} or {@code v2}. */
  public String name() {
    return isV2() ? "v2" : unified.isEmpty() ? "v1" : "hybrid";
  }

  /**
   * Reads the layout from {@code /proc/self/mountinfo}.
   *
   * @param unifiedControllers the words of {@code cgroup.controllers} at the root of version 2
   */
  public static CgroupLayout parse(List<String> mountinfo, Set<String> unifiedControllers) {
    SortedMap<String, String> v1 = new TreeMap<>();
    String unified = "";
    String systemd = "";
    for (String line : mountinfo) {
      int dash = line.indexOf(" - ");
      if (dash < 0) {
        continue;
      }
      String[] left = line.substring(0, dash).split(" ");
      String[] right = line.substring(dash + 3).split(" ");
      if (left.length < 5 || right.length < 3) {
        continue;
      }
      if (right[0].equals("cgroup2") && unified.isEmpty()) {
        unified = left[4];
      }
      if (right[0].equals("cgroup")) {
        for (String option : right[2].split(",")) {
          if (CgroupPlan.CONTROLLERS.contains(option)) {
            v1.putIfAbsent(option, left[4]);
          }
        }
        if (List.of(right[2].split(",")).contains("name=" + SystemdHierarchy.NAME)) {
          systemd = left[4];
        }
      }
    }
    if (!systemd.isEmpty() && !v1.isEmpty()) {
      v1.put(SystemdHierarchy.NAME, systemd);
    }
    return new CgroupLayout(v1, unified, new TreeSet<>(unifiedControllers));
  }
}
