package dev.waybill.nativerunner.spec;

import java.util.Locale;
import java.util.Optional;

/** The kernel's capabilities; the ordinal is the kernel's number. */
public enum Capability {
  CHOWN,
  DAC_OVERRIDE,
  DAC_READ_SEARCH,
  FOWNER,
  FSETID,
  KILL,
  SETGID,
  SETUID,
  SETPCAP,
  LINUX_IMMUTABLE,
  NET_BIND_SERVICE,
  NET_BROADCAST,
  NET_ADMIN,
  NET_RAW,
  IPC_LOCK,
  IPC_OWNER,
  SYS_MODULE,
  SYS_RAWIO,
  SYS_CHROOT,
  SYS_PTRACE,
  SYS_PACCT,
  SYS_ADMIN,
  SYS_BOOT,
  SYS_NICE,
  SYS_RESOURCE,
  SYS_TIME,
  SYS_TTY_CONFIG,
  MKNOD,
  LEASE,
  AUDIT_WRITE,
  AUDIT_CONTROL,
  SETFCAP,
  MAC_OVERRIDE,
  MAC_ADMIN,
  SYSLOG,
  WAKE_ALARM,
  BLOCK_SUSPEND,
  AUDIT_READ,
  PERFMON,
  BPF,
  CHECKPOINT_RESTORE;

  /** This capability in a mask. */
  @SuppressWarnings("EnumOrdinal") // the ordinal is the kernel's number
  public long bit() {
    return 1L << ordinal();
  }

  /** Without {@code CAP_}, in lower case. */
  public String shortName() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Reads a name as config.json has it, {@code CAP_CHOWN}; empty for one that doesn't exist. */
  public static Optional<Capability> parse(String name) {
    String upper = name.toUpperCase(Locale.ROOT);
    for (Capability capability : values()) {
      if (upper.equals("CAP_" + capability.name())) {
        return Optional.of(capability);
      }
    }
    return Optional.empty();
  }
}
