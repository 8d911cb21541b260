package dev.waybill.platformapi.intent;

import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.HealthCheck;
import dev.waybill.contracts.spec.Mount;
import dev.waybill.contracts.spec.MountType;
import dev.waybill.contracts.spec.Port;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.oci.image.Reference;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** Checks a container's spec; the first thing that is wrong is named with its path. */
final class Specs {
  private static final Set<String> PROTOCOLS = Set.of("", "tcp", "udp");
  private static final long MEMORY_MIN = 4L * 1024 * 1024;

  private Specs() {}

  /** What is wrong; empty where nothing is. */
  static Optional<Problem> check(ContainerSpec spec) {
    return image(spec)
        .or(() -> resources(spec.getResources()))
        .or(() -> ports(spec))
        .or(() -> mounts(spec))
        .or(() -> environment(spec))
        .or(() -> health(spec.getHealthCheck()))
        .or(() -> times(spec))
        .map(Problem::invalid);
  }

  private static Optional<String> image(ContainerSpec spec) {
    if (spec.getImage().isBlank()) {
      return Optional.of("spec.image is missing, name an image");
    }
    try {
      Reference.parse(spec.getImage());
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of("spec.image: " + e.getMessage());
    }
  }

  private static Optional<String> resources(Resources resources) {
    if (resources.getCpuMillis() < 0 || resources.getMemoryBytes() < 0 || resources.getPids() < 0) {
      return Optional.of("spec.resources must not be negative, leave one out for no limit");
    }
    if (resources.getMemoryBytes() > 0 && resources.getMemoryBytes() < MEMORY_MIN) {
      return Optional.of(
          "spec.resources.memoryBytes is %d, the least that a container starts in is %d"
              .formatted(resources.getMemoryBytes(), MEMORY_MIN));
    }
    return Optional.empty();
  }

  private static Optional<String> ports(ContainerSpec spec) {
    var published = new HashSet<String>();
    for (int i = 0; i < spec.getPortsCount(); i++) {
      Port port = spec.getPorts(i);
      String path = "spec.ports[" + i + "]";
      if (port.getContainerPort() < 1 || port.getContainerPort() > Limits.PORT_MAX) {
        return Optional.of(
            "%s.containerPort is %d, it must be 1 to 65535"
                .formatted(path, port.getContainerPort()));
      }
      if (port.getHostPort() > Limits.PORT_MAX) {
        return Optional.of(
            "%s.hostPort is %d, it must be 0 to 65535".formatted(path, port.getHostPort()));
      }
      if (!PROTOCOLS.contains(port.getProtocol())) {
        return Optional.of(
            "%s.protocol is '%s', use tcp or udp".formatted(path, port.getProtocol()));
      }
      String key = port.getHostPort() + "/" + port.getProtocol();
      if (port.getHostPort() > 0 && !published.add(key)) {
        return Optional.of("%s publishes host port %s twice".formatted(path, key));
      }
    }
    return tooMany("spec.ports", spec.getPortsCount());
  }

  private static Optional<String> mounts(ContainerSpec spec) {
    for (int i = 0; i < spec.getMountsCount(); i++) {
      Mount mount = spec.getMounts(i);
      String path = "spec.mounts[" + i + "]";
      if (mount.getType() == MountType.MOUNT_TYPE_UNSPECIFIED
          || mount.getType() == MountType.UNRECOGNIZED) {
        return Optional.of(path + ".type is missing, use volume, bind or tmpfs");
      }
      if (!mount.getTarget().startsWith("/") || mount.getTarget().contains("/../")) {
        return Optional.of(
            "%s.target is '%s', it must be an absolute path without '..'"
                .formatted(path, mount.getTarget()));
      }
      if (mount.getType() == MountType.MOUNT_TYPE_BIND && !mount.getSource().startsWith("/")) {
        return Optional.of(
            "%s.source is '%s', a bind mount needs an absolute path of the node"
                .formatted(path, mount.getSource()));
      }
      if (mount.getType() == MountType.MOUNT_TYPE_VOLUME
          && !mount.getSource().isEmpty()
          && !Limits.NAME.matcher(mount.getSource()).matches()) {
        return Optional.of(
            "%s.source '%s' is no volume name: letters, digits, '_', '.' and '-'"
                .formatted(path, mount.getSource()));
      }
    }
    return tooMany("spec.mounts", spec.getMountsCount());
  }

  private static Optional<String> environment(ContainerSpec spec) {
    return spec.getEnvMap().keySet().stream()
        .filter(name -> name.isEmpty() || name.indexOf('=') >= 0 || name.indexOf('\0') >= 0)
        .findFirst()
        .map(name -> "spec.env has the name '%s', which no variable can have".formatted(name))
        .or(() -> tooMany("spec.env", spec.getEnvCount()));
  }

  private static Optional<String> health(HealthCheck check) {
    return switch (check.getProbeCase()) {
      case EXEC ->
          check.getExec().getCommandCount() == 0
              ? Optional.of("spec.healthCheck.exec.command is empty")
              : Optional.empty();
      case HTTP -> probePort("http", check.getHttp().getPort());
      case TCP -> probePort("tcp", check.getTcp().getPort());
      case NONE, PROBE_NOT_SET -> Optional.empty();
    };
  }

  private static Optional<String> probePort(String probe, int port) {
    return port >= 1 && port <= Limits.PORT_MAX
        ? Optional.empty()
        : Optional.of(
            "spec.healthCheck.%s.port is %d, it must be 1 to 65535".formatted(probe, port));
  }

  private static Optional<String> times(ContainerSpec spec) {
    HealthCheck check = spec.getHealthCheck();
    return spec.getStopGraceMs() < 0
            || check.getIntervalMs() < 0
            || check.getTimeoutMs() < 0
            || check.getStartPeriodMs() < 0
        ? Optional.of("durations in spec must not be negative")
        : Optional.empty();
  }

  private static Optional<String> tooMany(String path, int count) {
    return count > Limits.ENTRIES_MAX
        ? Optional.of(
            "%s has %d entries, the most is %d".formatted(path, count, Limits.ENTRIES_MAX))
        : Optional.empty();
  }
}
