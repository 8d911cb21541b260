package dev.waybill.nativerunner.sys;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import jnr.constants.platform.OpenFlags;
import jnr.posix.POSIX;
import jnr.posix.POSIXFactory;
import jnr.posix.SpawnFileAction;

/** The kernel of this host. */
public final class LinuxKernel implements Kernel {
  private static final int O_CLOEXEC = 02000000;
  private static final int MFD_CLOEXEC = 1;
  private static final int MFD_ALLOW_SEALING = 2;
  private static final int MFD_EXEC = 0x10;
  private static final int F_ADD_SEALS = 1033;
  private static final int F_DUPFD_CLOEXEC = 1030;
  private static final int ALL_SEALS = 0x1 | 0x2 | 0x4 | 0x8;
  private static final int WNOHANG = 1;
  private static final int FIRST_PASSED = 3;
  private static final long SYS_PIDFD_SEND_SIGNAL = 424;
  private static final long SYS_PIDFD_OPEN = 434;
  private static final int CHUNK_BYTES = 4096;

  private final POSIX posix = POSIXFactory.getPOSIX();

  static Fd own(long number) {
    return new Fd((int) number, LinuxKernel::close);
  }

  private static void close(int number) {
    try {
      Libc.CLOSE.call("close", Integer.toString(number), number, 0, 0, 0);
    } catch (SyscallException e) {
      // The number is free again whatever close says; anything but EBADF was a late write error,
      // and nothing is written through these descriptors.
      throw new IllegalStateException("closed a descriptor that isn't ours", e);
    }
  }

  @Override
  public Fd sealedMemory(String name, byte[] content) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment label = arena.allocateFrom(name);
      int flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;
      long number;
      try {
        number =
            Libc.MEMFD_CREATE.call("memfd_create", name, label.address(), flags | MFD_EXEC, 0, 0);
      } catch (SyscallException older) {
        // Kernels before 6.3 don't know the flag and always allow execution.
        number = Libc.MEMFD_CREATE.call("memfd_create", name, label.address(), flags, 0, 0);
      }
      Fd fd = own(number);
      try {
        writeAll(fd, arena.allocateFrom(ValueLayout.JAVA_BYTE, content));
        Libc.LSEEK.call("lseek", name, fd.number(), 0, 0, 0);
        Libc.FCNTL.call("fcntl", name + " F_ADD_SEALS", fd.number(), F_ADD_SEALS, ALL_SEALS, 0);
        return fd;
      } catch (SyscallException e) {
        fd.close();
        throw e;
      }
    }
  }

  private static void writeAll(Fd fd, MemorySegment bytes) throws SyscallException {
    long at = 0;
    while (at < bytes.byteSize()) {
      at +=
          Libc.WRITE.call(
              "write",
              "memory or pipe",
              fd.number(),
              bytes.address() + at,
              bytes.byteSize() - at,
              0);
    }
  }

  @Override
  public Pipe pipe() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment ends = arena.allocate(ValueLayout.JAVA_INT, 2);
      Libc.PIPE2.call("pipe2", "", ends.address(), O_CLOEXEC, 0, 0);
      return new Pipe(
          own(ends.getAtIndex(ValueLayout.JAVA_INT, 0)),
          own(ends.getAtIndex(ValueLayout.JAVA_INT, 1)));
    }
  }

  @Override
  public int spawn(Fd program, List<String> arguments, List<Fd> descriptors) throws IOException {
    List<SpawnFileAction> actions = new ArrayList<>();
    for (int i = 0; i < FIRST_PASSED; i++) {
      actions.add(SpawnFileAction.open("/dev/null", i, OpenFlags.O_RDWR.intValue(), 0));
    }
    for (int i = 0; i < descriptors.size(); i++) {
      actions.add(SpawnFileAction.dup(descriptors.get(i).number(), FIRST_PASSED + i));
    }
    // The child has a copy of our descriptors until it executes, so our numbers name the program.
    String path = "/proc/self/fd/" + program.number();
    long pid = posix.posix_spawnp(path, actions, arguments, List.<String>of());
    if (pid < 0) {
      throw new SyscallException("posix_spawn", String.join(" ", arguments), posix.errno());
    }
    return (int) pid;
  }

  @Override
  public boolean write(Fd to, byte[] content) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      writeAll(to, arena.allocateFrom(ValueLayout.JAVA_BYTE, content));
      return true;
    } catch (SyscallException e) {
      if (e.errno().equals(Errno.EPIPE)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public byte[] read(Fd from, int size) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment buffer = arena.allocate(CHUNK_BYTES);
      while (out.size() < size) {
        long wanted = Math.min(CHUNK_BYTES, size - out.size());
        long n = readOnce(from, buffer, wanted);
        if (n == 0) {
          break;
        }
        out.writeBytes(buffer.asSlice(0, n).toArray(ValueLayout.JAVA_BYTE));
      }
    }
    return out.toByteArray();
  }

  private static long readOnce(Fd from, MemorySegment buffer, long wanted) throws SyscallException {
    while (true) {
      try {
        return Libc.READ.call("read", "pipe", from.number(), buffer.address(), wanted, 0);
      } catch (SyscallException e) {
        if (!e.errno().equals(Errno.EINTR)) {
          throw e;
        }
      }
    }
  }

  @Override
  public Fd openProcess(int pid) throws IOException {
    return own(Libc.SYSCALL.call("pidfd_open", Integer.toString(pid), SYS_PIDFD_OPEN, pid, 0, 0));
  }

  @Override
  public boolean signal(Fd process, int signal) throws IOException {
    try {
      Libc.SYSCALL.call(
          "pidfd_send_signal",
          Integer.toString(signal),
          SYS_PIDFD_SEND_SIGNAL,
          process.number(),
          signal,
          0);
      return true;
    } catch (SyscallException e) {
      if (e.errno().equals(Errno.ESRCH)) {
        return false;
      }
      throw e;
    }
  }

  @Override
  public boolean signal(int pid, int signal) throws IOException {
    if (posix.kill(pid, signal) == 0) {
      return true;
    }
    if (posix.errno() == Errno.ESRCH.number()) {
      return false;
    }
    throw new SyscallException("kill", pid + " " + signal, posix.errno());
  }

  @Override
  public Fd duplicate(Fd of) throws IOException {
    return own(Libc.FCNTL.call("fcntl", "F_DUPFD_CLOEXEC", of.number(), F_DUPFD_CLOEXEC, 0, 0));
  }

  @Override
  public void awaitExit(int pid) {
    posix.waitpid(pid, new int[1], 0);
  }

  @Override
  public void reap(int pid) {
    int[] status = new int[1];
    // ECHILD is expected after a restart: then init is the parent, and reaps.
    posix.waitpid(pid, status, WNOHANG);
  }

  @Override
  public ExitWatch exitWatch() throws IOException {
    return new EpollExitWatch(LinuxKernel::own);
  }
}
