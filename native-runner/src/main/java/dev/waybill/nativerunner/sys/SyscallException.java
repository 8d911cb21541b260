package dev.waybill.nativerunner.sys;

import java.io.IOException;

/** A system call that failed. */
public final class SyscallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final String call;
  private final int errno;

  public SyscallException(String call, String arguments, int errno) {
    super((call + " " + arguments).strip() + ": " + new Errno(errno));
    this.call = call;
    this.errno = errno;
  }

  /** Name of the call. */
  public String call() {
    return call;
  }

  /** Why it failed. */
  public Errno errno() {
    return new Errno(errno);
  }
}
