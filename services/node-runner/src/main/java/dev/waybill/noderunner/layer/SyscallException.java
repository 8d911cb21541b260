package dev.waybill.noderunner.layer;

import java.io.IOException;

/** A system call that failed: which, on what, and why. */
final class SyscallException extends IOException {
  private static final long serialVersionUID = 1L;

  private final Errno errno;

  SyscallException(String call, String argument, int number) {
    super(call + " '" + argument + "': " + name(number));
    this.errno = Errno.of(number);
  }

  private static String name(int number) {
    Errno known = Errno.of(number);
    return known == Errno.OTHER ? "errno " + number : known.name();
  }

  Errno errno() {
    return errno;
  }
}
