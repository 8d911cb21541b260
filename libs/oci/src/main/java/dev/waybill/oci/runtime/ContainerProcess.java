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
    String selinuxLabel) {

  public ContainerProcess {
    user = user == null ? User.ROOT : user;
    args = Absent.list(args);
    env = Absent.list(env);
    cwd = Absent.text(cwd);
    rlimits = Absent.list(rlimits);
    apparmorProfile = Absent.text(apparmorProfile);
    selinuxLabel = Absent.text(selinuxLabel);
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
