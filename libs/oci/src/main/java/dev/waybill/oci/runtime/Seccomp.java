package dev.waybill.oci.runtime;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.annotation.JsonSerialize;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A filter of system calls.
 *
 * @param defaultAction for calls that no rule names, such as {@code SCMP_ACT_ERRNO}
 * @param defaultErrnoRet errno of the default action; absent is EPERM
 * @param architectures such as {@code SCMP_ARCH_X86_64}; empty is the host's own
 * @param flags of seccomp(2), such as {@code SECCOMP_FILTER_FLAG_LOG}
 * @param listenerPath unix socket that gets the notification descriptor; empty is none
 * @param listenerMetadata sent along with it
 * @param syscalls rules
 */
public record Seccomp(
    String defaultAction,
    @Nullable Integer defaultErrnoRet,
    List<String> architectures,
    List<String> flags,
    String listenerPath,
    String listenerMetadata,
    List<Rule> syscalls) {

  /** A filter that nobody listens to. */
  public Seccomp(
      String defaultAction,
      @Nullable Integer defaultErrnoRet,
      List<String> architectures,
      List<String> flags,
      String listenerPath,
      List<Rule> syscalls) {
    this(defaultAction, defaultErrnoRet, architectures, flags, listenerPath, "", syscalls);
  }

  public Seccomp {
    defaultAction = Absent.text(defaultAction);
    architectures = Absent.list(architectures);
    flags = Absent.list(flags);
    listenerPath = Absent.text(listenerPath);
    listenerMetadata = Absent.text(listenerMetadata);
    syscalls = Absent.list(syscalls);
  }

  /**
   * What to do about some calls.
   *
   * @param args all must hold
   */
  public record Rule(
      List<String> names, String action, @Nullable Integer errnoRet, List<Argument> args) {
    public Rule {
      names = Absent.list(names);
      action = Absent.text(action);
      args = Absent.list(args);
    }
  }

  /**
   * A comparison of one argument of a call.
   *
   * @param index 0 to 5
   * @param value compared with the argument; the mask with {@code SCMP_CMP_MASKED_EQ}
   * @param valueTwo the value that the masked argument must have
   * @param op such as {@code SCMP_CMP_EQ}
   */
  public record Argument(
      int index,
      @JsonProperty("value")
          @JsonDeserialize(using = Unsigned.Reader.class)
          @JsonSerialize(using = Unsigned.Writer.class)
          long value,
      @JsonProperty("valueTwo")
          @JsonDeserialize(using = Unsigned.Reader.class)
          @JsonSerialize(using = Unsigned.Writer.class)
          long valueTwo,
      String op) {
    public Argument {
      op = Absent.text(op);
    }
  }
}
