package dev.waybill.oci.runtime;

import java.util.List;
import java.util.SequencedMap;
import org.jspecify.annotations.Nullable;

/**
 * The part of {@code config.json} that is particular to Linux.
 *
 * @param namespaces those that are new or joined; the others stay the host's
 * @param uidMappings user ids of a new user namespace
 * @param gidMappings group ids of a new user namespace
 * @param devices made besides the standard ones
 * @param cgroupsPath where the cgroups lie below each hierarchy's mount; empty lets the runtime
 *     choose
 * @param resources limits
 * @param rootfsPropagation shared, slave, private or unbindable; empty is slave
 * @param seccomp system call filter
 * @param sysctl kernel parameters of the container's namespaces
 * @param maskedPaths hidden from the container
 * @param readonlyPaths not writable by the container
 * @param mountLabel SELinux label of mounts; empty is none
 * @param personality execution domain; absent leaves it
 * @param timeOffsets of a new time namespace, by clock: {@code monotonic} and {@code boottime}
 * @param intelRdt cache and memory bandwidth; absent leaves them
 * @param netDevices the host's network devices that move into the container, by name
 * @param memoryPolicy memory nodes; absent leaves them
 */
public record Linux(
    List<Namespace> namespaces,
    List<IdMapping> uidMappings,
    List<IdMapping> gidMappings,
    List<Device> devices,
    String cgroupsPath,
    @Nullable Resources resources,
    String rootfsPropagation,
    @Nullable Seccomp seccomp,
    SequencedMap<String, String> sysctl,
    List<String> maskedPaths,
    List<String> readonlyPaths,
    String mountLabel,
    @Nullable Personality personality,
    SequencedMap<String, TimeOffset> timeOffsets,
    @Nullable IntelRdt intelRdt,
    SequencedMap<String, NetDevice> netDevices,
    @Nullable MemoryPolicy memoryPolicy) {

  static final Linux NONE =
      new Linux(
          List.of(),
          List.of(),
          List.of(),
          List.of(),
          "",
          null,
          "",
          null,
          Absent.map(null),
          List.of(),
          List.of(),
          "",
          null);

  public Linux {
    namespaces = Absent.list(namespaces);
    uidMappings = Absent.list(uidMappings);
    gidMappings = Absent.list(gidMappings);
    devices = Absent.list(devices);
    cgroupsPath = Absent.text(cgroupsPath);
    rootfsPropagation = Absent.text(rootfsPropagation);
    sysctl = Absent.map(sysctl);
    maskedPaths = Absent.list(maskedPaths);
    readonlyPaths = Absent.list(readonlyPaths);
    mountLabel = Absent.text(mountLabel);
    timeOffsets = Absent.map(timeOffsets);
    netDevices = Absent.map(netDevices);
  }

  /** Without what few containers ask for. */
  public Linux(
      List<Namespace> namespaces,
      List<IdMapping> uidMappings,
      List<IdMapping> gidMappings,
      List<Device> devices,
      String cgroupsPath,
      @Nullable Resources resources,
      String rootfsPropagation,
      @Nullable Seccomp seccomp,
      SequencedMap<String, String> sysctl,
      List<String> maskedPaths,
      List<String> readonlyPaths,
      String mountLabel,
      @Nullable Personality personality) {
    this(
        namespaces,
        uidMappings,
        gidMappings,
        devices,
        cgroupsPath,
        resources,
        rootfsPropagation,
        seccomp,
        sysctl,
        maskedPaths,
        readonlyPaths,
        mountLabel,
        personality,
        Absent.map(null),
        null,
        Absent.map(null),
        null);
  }

  /** How far a clock of a time namespace is ahead of the host's. */
  public record TimeOffset(long secs, long nanosecs) {}

  /**
   * Resource control of the processor's caches.
   *
   * @param closID class of service
   */
  public record IntelRdt(String closID, String l3CacheSchema, String memBwSchema) {
    public IntelRdt {
      closID = Absent.text(closID);
      l3CacheSchema = Absent.text(l3CacheSchema);
      memBwSchema = Absent.text(memBwSchema);
    }
  }

  /**
   * A network device of the host.
   *
   * @param name inside the container; empty keeps it
   */
  public record NetDevice(String name) {
    public NetDevice {
      name = Absent.text(name);
    }
  }

  /**
   * Which memory nodes are used, runtime-spec 1.3.
   *
   * @param mode such as {@code MPOL_BIND}
   * @param nodes such as {@code 0-1}
   * @param flags such as {@code MPOL_F_STATIC_NODES}
   */
  public record MemoryPolicy(String mode, String nodes, List<String> flags) {
    public MemoryPolicy {
      mode = Absent.text(mode);
      nodes = Absent.text(nodes);
      flags = Absent.list(flags);
    }
  }

  /**
   * One namespace.
   *
   * @param type pid, network, mount, ipc, uts, user, cgroup or time
   * @param path an existing one to join; empty makes a new one
   */
  public record Namespace(String type, String path) {
    public Namespace {
      type = Absent.text(type);
      path = Absent.text(path);
    }
  }

  /** A range of ids of a user namespace. */
  public record IdMapping(long containerID, long hostID, long size) {}

  /**
   * One device file.
   *
   * @param type {@code c}, {@code u}, {@code b} or {@code p}
   * @param path absolute path inside the container
   * @param fileMode permissions; absent is 0666
   */
  public record Device(
      String type,
      String path,
      long major,
      long minor,
      @Nullable Integer fileMode,
      @Nullable Long uid,
      @Nullable Long gid) {
    public Device {
      type = Absent.text(type);
      path = Absent.text(path);
    }
  }

  /** Execution domain, {@code LINUX} or {@code LINUX32}. */
  public record Personality(String domain, List<String> flags) {
    public Personality {
      domain = Absent.text(domain);
      flags = Absent.list(flags);
    }
  }
}
