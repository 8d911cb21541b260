package dev.waybill.noderunner.layer;

/**
 * The errors of system calls that mean something to us; the numbers are those of all Linux ports.
 */
enum Errno {
  EPERM(1),
  ENOENT(2),
  EEXIST(17),
  EXDEV(18),
  ENOTDIR(20),
  EISDIR(21),
  EINVAL(22),
  ENOSPC(28),
  ENAMETOOLONG(36),
  ENOSYS(38),
  ELOOP(40),
  ENOTSUP(95),
  EDQUOT(122),
  /** Any other. */
  OTHER(0);

  private final int number;

  Errno(int number) {
    this.number = number;
  }

  static Errno of(int number) {
    for (Errno errno : values()) {
      if (errno.number == number) {
        return errno;
      }
    }
    return OTHER;
  }
}
