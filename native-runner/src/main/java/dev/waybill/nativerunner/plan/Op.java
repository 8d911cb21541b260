package dev.waybill.nativerunner.plan;

import java.util.List;

/**
 * One operation of a launch plan. Paths are of the host in the phases host and parent, and below
 * the container's root in the phases container and start unless an operation says otherwise. Flags
 * are the kernel's own bits.
 */
public sealed interface Op {
  /** Makes one directory on the host; one that exists is left as it is. */
  record MakeDir(String path, int mode) implements Op {}

  /** Writes a whole value into an existing file on the host. */
  record WriteFile(String path, String value) implements Op {}

  /**
   * Takes the container's state directory.
   *
   * @param waits whether it opens its start socket there
   * @param locked whether it holds a lock there as long as it lives, for the service to see
   */
  record StateDir(String path, boolean waits, boolean locked) implements Op {}

  /** Keeps the executor as monitor: log, rotation, attach socket. */
  record Monitor(String logPath, long logBytesMax, int logFilesMax, int flags) implements Op {}

  /** Enters the namespace at a path. */
  record Join(String path, int type) implements Op {}

  /** Enters namespaces of a process, if it still is the one that started then. */
  record JoinProcess(int pid, long start, int namespaces) implements Op {}

  /** Connects to the socket that gets the terminal. */
  record Console(String socket) implements Op {}

  /** Makes the new process, in new namespaces and, where the host has v2, in its cgroup. */
  record Clone(int namespaces, String cgroup) implements Op {}

  /** The new process moves itself into a cgroup of version 1. */
  record JoinCgroup(String path) implements Op {}

  /** Maps the ids of the new user namespace; an empty text leaves a map to somebody else. */
  record MapIds(String uids, String gids, boolean denySetgroups) implements Op {}

  /** Has ids mapped by a set-user-id program of the host that asks what the runner was granted. */
  record MapIdsBy(String program, String lines) implements Op {}

  /** Enters a new time namespace whose clocks are ahead of the host's. */
  record TimeSpace(String offsets) implements Op {}

  /** Moves a network device of the host, with its addresses, into the new process's network. */
  record MoveLink(String device, String name) implements Op {}

  /** Says how ready the kernel is to kill the new process. */
  record OomScore(int value) implements Op {}

  /** Waits until the parent phase is done. */
  record AwaitParent() implements Op {}

  /** Leaves namespaces for new ones. */
  record Unshare(int namespaces) implements Op {}

  /** Sets the propagation of every mount in the new namespace. */
  record Propagation(int flags) implements Op {}

  /** Takes a directory of the host as root. */
  record RootBind(String source) implements Op {}

  /** Mounts an overlay as root, inside the container's own mount namespace only. */
  record RootOverlay(
      String target, List<String> lower, String upper, String work, boolean ephemeral)
      implements Op {
    public RootOverlay {
      lower = List.copyOf(lower);
    }
  }

  /** Mounts a new file system; with {@code copyUp} it begins with what it covers. */
  record Mount(
      String type,
      String source,
      List<String> options,
      String target,
      long attributes,
      int propagation,
      boolean copyUp)
      implements Op {
    public Mount {
      options = List.copyOf(options);
    }
  }

  /** Mounts a tree of the host, or the one that the {@code tree}th IdmapTree made; 0 for none. */
  record Bind(
      String source,
      String target,
      boolean recursive,
      long set,
      long clear,
      boolean attributesRecursive,
      int propagation,
      int tree)
      implements Op {}

  /** Prepares a tree of the host whose owners are shown by other ids. */
  record IdmapTree(String source, boolean recursive, String uids, String gids) implements Op {}

  /** Makes a device file or fifo. */
  record MakeNode(String path, int mode, int major, int minor, int uid, int gid) implements Op {}

  /** Makes a symbolic link. */
  record Symlink(String target, String path) implements Op {}

  /** Makes a directory with its parents. */
  record EnsureDir(String path, int mode) implements Op {}

  /** Hides a path. */
  record Mask(String path) implements Op {}

  /** Makes a tree read-only. */
  record ReadOnly(String path) implements Op {}

  /** Sets attributes and propagation of the root mount. */
  record RootAttributes(long set, int propagation) implements Op {}

  /** Opens a terminal for stdio, and with {@code console} shows it as /dev/console. */
  record Terminal(int rows, int columns, boolean console) implements Op {}

  /** Makes the root the root, and lets go of the host's. */
  record PivotRoot(int way) implements Op {
    /** The usual way. */
    static final int PIVOT = 0;

    /** From a host root whose mounts spread. */
    static final int FROM_SHARED = 1;

    /** Moves the root over the host's, for hosts that cannot pivot. */
    static final int MOVE = 2;
  }

  /** Makes the mount that a path lies on private. */
  record PrivateParent(String path) implements Op {}

  /** Sets the host name. */
  record Hostname(String name) implements Op {}

  /** Sets the NIS domain name. */
  record Domainname(String name) implements Op {}

  /** Writes a kernel parameter, on procfs only. */
  record Sysctl(String path, String value) implements Op {}

  /** Waits to be started. */
  record AwaitStart() implements Op {}

  /** Limits a resource. */
  record Rlimit(int resource, long soft, long hard) implements Op {}

  /** Drops every capability from the bounding set that isn't in the mask. */
  record Bounding(long keep) implements Op {}

  /** Becomes a user with groups. */
  record SetIds(int uid, int gid, List<Integer> groups) implements Op {
    public SetIds {
      groups = List.copyOf(groups);
    }
  }

  /** Sets the capabilities of the process. */
  record Capabilities(long effective, long permitted, long inheritable, long ambient)
      implements Op {}

  /** Gives up set-user-id for good. */
  record NoNewPrivs() implements Op {}

  /**
   * Loads a filter of system calls: cBPF instructions in the kernel's layout.
   *
   * @param listenerState sent with the listener; empty when there is none
   */
  record Seccomp(Bytes filter, int flags, String listenerState) implements Op {}

  /** Connects to the socket that gets the listener of the filter. */
  record SeccompListener(String socket) implements Op {}

  /**
   * Runs a program of the configuration with the container's state on its stdin.
   *
   * @param timeoutSeconds 0 is none
   * @param state with {@link StateText#PID} in the process id's place
   * @param fatal whether its failure is the phase's
   */
  record Hook(
      String path,
      List<String> args,
      List<String> env,
      int timeoutSeconds,
      String state,
      boolean fatal)
      implements Op {
    public Hook {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }
  }

  /** Lets the new process go on, and waits until it has mounted everything. */
  record MeetChild() implements Op {}

  /** Says that everything is mounted, and waits to go on. */
  record MeetParent() implements Op {}

  /** Sets the execution domain. */
  record Personality(int persona) implements Op {}

  /** Sets how the kernel schedules the process. */
  record Scheduler(
      int policy, long flags, int nice, int priority, long runtime, long deadline, long period)
      implements Op {}

  /** Sets the priority at block devices: class and level as the kernel packs them. */
  record IoPriority(int value) implements Op {}

  /** Sets the processors: a mask, the lowest bit first. */
  record CpuAffinity(Bytes mask) implements Op {}

  /** Sets the memory nodes: a mask, the lowest bit first. */
  record MemoryPolicy(int mode, Bytes nodes) implements Op {}

  /** Makes sure that there is a program to execute; a name without a slash is sought in a path. */
  record FindProgram(String program, String path) implements Op {}

  /** Learns the home directory of a user from the image, for a program whose HOME is not said. */
  record FindHome(int uid) implements Op {}

  /** Gives a cpuset of version 1 what its parent has, where it has nothing. */
  record InheritCpuset(String path) implements Op {}

  /** Switches the loopback device of a new network on. */
  record Loopback() implements Op {}

  /** Takes a session keyring of the container's own. */
  record SessionKeyring(String name) implements Op {}

  /** Enters the working directory. */
  record Chdir(String path) implements Op {}

  /** Sets the mask of file modes. */
  record Umask(int mask) implements Op {}

  /** Becomes the program. */
  record Exec(List<String> args, List<String> env) implements Op {
    public Exec {
      args = List.copyOf(args);
      env = List.copyOf(env);
    }
  }

  /**
   * Lets a cgroup v2 decide about devices by a program: eBPF instructions in the kernel's layout.
   */
  record DeviceProgram(String cgroup, Bytes program) implements Op {}

  /** Gives a cgroup of version 2 to a user of the host, for it to make cgroups below. */
  record OwnCgroup(String path, int uid) implements Op {}

  /**
   * Has systemd make a unit around the new process.
   *
   * @param message the call, whole but for the process's number
   * @param pidAt where in it that belongs
   */
  record SystemdScope(String unit, Bytes message, int pidAt) implements Op {}

  /** Leaves descriptors from 3 on open for the program. */
  record KeepFds(int count) implements Op {}
}
