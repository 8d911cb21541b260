package dev.waybill.oci.runtime;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The program of a container, or a further one that is executed in it.
 *
 * @param terminal whether it has a terminal
 * @param consoleSize first size of the terminal
 * @param user who it runs as
 * @param args program and arguments
 * @param env environment, {@code KEY=VALUE}
 * @param cwd absolute working directory
 * @param capabilities the five sets; absent means none
 * @param rlimits resource limits
 * @param noNewPrivileges whether set-user-id programs are to have no effect
 * @param oomScoreAdj how ready the kernel is to kill it, -1000 to 1000
 * @param apparmorProfile profile of AppArmor; empty is none
 * @param selinuxLabel label of SELinux; empty is none
 * @param scheduler how the kernel schedules it; absent leaves it
 * @param ioPriority its priority at block devices; absent leaves it
 * @param execCPUAffinity processors of a process that is executed in a running container
 */
public record ContainerProcess(
    boolean terminal,
    @Nullable ConsoleSize consoleSize,
    User user,
    List<String> args,
    List<String> env,
    String cwd,
    @Nullable Capabilities capabilities,
    List<Rlimit> rlimits,
    boolean noNewPrivileges,
    @Nullable Integer oomScoreAdj,
    String apparmorProfile,
    String selinuxLabel,
    @Nullable Scheduler scheduler,
    @Nullable IoPriority ioPriority,
    @Nullable CpuAffinity execCPUAffinity) {

  public ContainerProcess {
    user = user == null ? User.ROOT : user;
    args = Absent.list(args);
    env = Absent.list(env);
    cwd = Absent.text(cwd);
    rlimits = Absent.list(rlimits);
    apparmorProfile = Absent.text(apparmorProfile);
    selinuxLabel = Absent.text(selinuxLabel);
  }

  /** A process that the kernel schedules as it likes. */
  public ContainerProcess(
      boolean terminal,
      @Nullable ConsoleSize consoleSize,
      User user,
      List<String> args,
      List<String> env,
      String cwd,
      @Nullable Capabilities capabilities,
      List<Rlimit> rlimits,
      boolean noNewPrivileges,
      @Nullable Integer oomScoreAdj,
      String apparmorProfile,
      String selinuxLabel) {
    this(
        terminal,
        consoleSize,
        user,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        oomScoreAdj,
        apparmorProfile,
        selinuxLabel,
        null,
        null,
        null);
  }

  /** The same process with or without a terminal. */
  public ContainerProcess withTerminal(boolean wanted) {
    return new ContainerProcess(
        wanted,
        consoleSize,
        user,
        args,
        env,
        cwd,
        capabilities,
        rlimits,
        noNewPrivileges,
        oomScoreAdj,
        apparmorProfile,
        selinuxLabel,
        scheduler,
        ioPriority,
        execCPUAffinity);
  }

  /**
   * How the kernel schedules a process.
   *
   * @param policy such as {@code SCHED_OTHER}
   * @param nice -20 to 19, for the policies that share time
   * @param priority of the real-time policies
   * @param flags such as {@code SCHED_FLAG_RESET_ON_FORK}
   * @param runtime nanoseconds of {@code SCHED_DEADLINE}; so for deadline and period
   */
  public record Scheduler(
      String policy,
      int nice,
      int priority,
      List<String> flags,
      long runtime,
      long deadline,
      long period) {
    public Scheduler {
      policy = Absent.text(policy);
      flags = Absent.list(flags);
    }
  }

  /**
   * Priority at block devices.
   *
   * @param ioClass such as {@code IOPRIO_CLASS_BE}
   * @param priority 0 to 7, 0 the highest
   */
  public record IoPriority(@JsonProperty("class") String ioClass, int priority) {
    public IoPriority {
      ioClass = Absent.text(ioClass);
    }
  }

  /**
   * Lists of processors, such as {@code 0-3,7}; empty leaves them.
   *
   * @param initial while the runtime still makes the process
   * @param last once it is in the container's cgroup
   */
  public record CpuAffinity(
      @JsonProperty("initial") String initial, @JsonProperty("final") String last) {
    public CpuAffinity {
      initial = Absent.text(initial);
      last = Absent.text(last);
    }
  }

  /** Size of a terminal in characters. */
  public record ConsoleSize(int height, int width) {}

  /**
   * Who a process runs as.
   *
   * @param umask absent leaves 022
   * @param additionalGids supplementary groups
   */
  public record User(long uid, long gid, @Nullable Integer umask, List<Long> additionalGids) {
    /** The superuser of the container. */
    public static final User ROOT = new User(0, 0, null, List.of());

    public User {
      additionalGids = Absent.list(additionalGids);
    }
  }

  /** Names such as {@code CAP_CHOWN} in each of the five sets. */
  public record Capabilities(
      List<String> bounding,
      List<String> effective,
      List<String> inheritable,
      List<String> permitted,
      List<String> ambient) {
    public Capabilities {
      bounding = Absent.list(bounding);
      effective = Absent.list(effective);
      inheritable = Absent.list(inheritable);
      permitted = Absent.list(permitted);
      ambient = Absent.list(ambient);
    }
  }

  /**
   * One resource limit; the values are unsigned, -1 is "unlimited".
   *
   * @param type such as {@code RLIMIT_NOFILE}
   */
  public record Rlimit(
      String type,
      @JsonProperty("soft")
          @JsonDeserialize(using = Unsigned.Reader.class)
          @JsonSerialize(using = Unsigned.Writer.class)
          long soft,
      @JsonProperty("hard")
          @JsonDeserialize(using = Unsigned.Reader.class)
          @JsonSerialize(using = Unsigned.Writer.class)
          long hard) {
    public Rlimit {
      type = Absent.text(type);
    }
  }
}
