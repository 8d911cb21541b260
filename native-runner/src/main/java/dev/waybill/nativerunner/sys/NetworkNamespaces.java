package dev.waybill.nativerunner.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Network namespaces by name: a file that the namespace is mounted on, so that it lives without a
 * process and is found again after a crash. A namespace belongs to a thread, so whatever happens in
 * one happens on a thread that ends with it.
 */
public final class NetworkNamespaces {
  private static final int CLONE_NEWNET = 0x40000000;
  private static final int MS_BIND = 4096;
  private static final int MNT_DETACH = 2;
  private static final int O_RDONLY_CLOEXEC = 02000000;
  private static final int AF_UNIX = 1;
  private static final int SOCK_DGRAM_CLOEXEC = 2 | 02000000;
  private static final int SIOCSIFFLAGS = 0x8914;

  /** {@code struct ifreq}: the device's name, then its flags. */
  private static final int IFREQ_BYTES = 40;

  private static final int IFREQ_FLAGS = 16;
  private static final short IFF_UP = 1;

  private NetworkNamespaces() {}

  /** Makes a namespace at a path that doesn't exist yet, and does something in it. */
  public static <T> T create(Path path, Callable<T> inside) throws IOException {
    Files.createFile(path);
    try {
      return onThread(
          () -> {
            Libc.UNSHARE.call("unshare", "CLONE_NEWNET", CLONE_NEWNET, 0, 0, 0);
            mount(path);
            return inside.call();
          });
    } catch (IOException e) {
      remove(path);
      throw e;
    }
  }

  private static void mount(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Libc.MOUNT.call(
          "mount",
          path.toString(),
          arena.allocateFrom("/proc/thread-self/ns/net").address(),
          arena.allocateFrom(path.toString()).address(),
          arena.allocateFrom("none").address(),
          MS_BIND,
          0,
          0);
    }
  }

  /** Switches the loopback device on in the namespace of this thread. */
  static void loopback() throws IOException {
    try (Arena arena = Arena.ofConfined();
        Fd socket =
            LinuxKernel.own(
                Libc.SOCKET.call("socket", "unix", AF_UNIX, SOCK_DGRAM_CLOEXEC, 0, 0))) {
      MemorySegment request = arena.allocate(IFREQ_BYTES);
      request.setString(0, "lo");
      request.set(ValueLayout.JAVA_SHORT, IFREQ_FLAGS, IFF_UP);
      Libc.IOCTL.call(
          "ioctl", "SIOCSIFFLAGS lo", socket.number(), SIOCSIFFLAGS, request.address(), 0);
    }
  }

  /** Does something in the namespace at a path. */
  public static <T> T inside(Path path, Callable<T> work) throws IOException {
    return onThread(
        () -> {
          try (Fd fd = open(path)) {
            Libc.SETNS.call("setns", path.toString(), fd.number(), CLONE_NEWNET, 0, 0);
          }
          return work.call();
        });
  }

  /** A descriptor of the namespace at a path. */
  public static Fd open(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      return LinuxKernel.own(
          Libc.OPEN.call(
              "open",
              path.toString(),
              arena.allocateFrom(path.toString()).address(),
              O_RDONLY_CLOEXEC,
              0,
              0));
    }
  }

  /** Lets go of a namespace; it ends with its last process. One that isn't there is no error. */
  public static void remove(Path path) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      Libc.UMOUNT2.call(
          "umount2",
          path.toString(),
          arena.allocateFrom(path.toString()).address(),
          MNT_DETACH,
          0,
          0);
    } catch (SyscallException e) {
      // EINVAL: the file is there and nothing is mounted on it, as after a reboot.
      if (!e.errno().equals(Errno.EINVAL) && !e.errno().equals(Errno.ENOENT)) {
        throw e;
      }
    }
    Files.deleteIfExists(path);
  }

  /** Whether a namespace is mounted at a path, and not only its file left. */
  public static boolean isMounted(Path path) throws IOException {
    String wanted = " " + path + " ";
    try (var lines = Files.lines(Path.of("/proc/self/mountinfo"))) {
      return lines.anyMatch(l -> l.contains(wanted) && l.contains(" - nsfs "));
    }
  }

  private static <T> T onThread(Callable<T> work) throws IOException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().name("netns").start(task);
    try {
      return task.get();
    } catch (ExecutionException e) {
      if (e.getCause() instanceof IOException cause) {
        throw cause;
      }
      throw new IllegalStateException("work in a network namespace failed", e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted in a network namespace", e);
    }
  }
}
