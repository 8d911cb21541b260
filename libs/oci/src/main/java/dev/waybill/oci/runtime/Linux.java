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
    @Nullable Personality personality) {

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
