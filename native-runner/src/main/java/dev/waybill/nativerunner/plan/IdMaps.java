package dev.waybill.nativerunner.plan;

import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.oci.runtime.Linux;
import java.util.List;
import java.util.OptionalLong;

/**
 * The ids of a new user namespace, and who writes them. With the right to change ids the executor
 * writes every range. Without it the kernel lets it write one: its own id. Whatever else is granted
 * in {@code /etc/subuid} and {@code /etc/subgid} is written by the host's set-user-id programs.
 */
final class IdMaps {
  private final Linux linux;
  private final HostFacts host;

  IdMaps(Linux linux, HostFacts host) {
    this.linux = linux;
    this.host = host;
  }

  static String lines(List<Linux.IdMapping> mappings) {
    StringBuilder out = new StringBuilder();
    for (Linux.IdMapping m : mappings) {
      out.append(m.containerID()).append(' ').append(m.hostID()).append(' ').append(m.size());
      out.append('\n');
    }
    return out.toString();
  }

  /** The host's id of one of the container's; empty where it has none. */
  static OptionalLong onHost(List<Linux.IdMapping> mappings, long id) {
    return mappings.stream()
        .filter(m -> m.containerID() <= id && id - m.containerID() < m.size())
        .mapToLong(m -> m.hostID() + id - m.containerID())
        .findFirst();
  }

  private static boolean isOwn(List<Linux.IdMapping> mappings, long id) {
    return mappings.size() == 1
        && mappings.getFirst().size() == 1
        && mappings.getFirst().hostID() == id;
  }

  private boolean uidsBySelf() {
    return host.has(Capability.SETUID) || isOwn(linux.uidMappings(), host.runner().uid());
  }

  private boolean gidsBySelf() {
    return host.has(Capability.SETGID) || isOwn(linux.gidMappings(), host.runner().gid());
  }

  /** Whether the kernel wants setgroups(2) gone before the group ids may be written. */
  boolean deniesSetgroups() {
    return !host.has(Capability.SETGID) && isOwn(linux.gidMappings(), host.runner().gid());
  }

  void add(PlanBuilder plan) {
    String uids = lines(linux.uidMappings());
    String gids = lines(linux.gidMappings());
    if (!uidsBySelf()) {
      plan.parent(new Op.MapIdsBy("newuidmap", uids), "linux.uidMappings");
    }
    if (!gidsBySelf()) {
      plan.parent(new Op.MapIdsBy("newgidmap", gids), "linux.gidMappings");
    }
    if (uidsBySelf() || gidsBySelf()) {
      plan.parent(
          new Op.MapIds(uidsBySelf() ? uids : "", gidsBySelf() ? gids : "", deniesSetgroups()),
          "linux.uidMappings");
    }
  }
}
