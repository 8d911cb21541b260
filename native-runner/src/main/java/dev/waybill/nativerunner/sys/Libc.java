package dev.waybill.nativerunner.sys;

import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.StructLayout;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;

/**
 * Functions of the C library. All take whole registers: an argument that C declares as int or
 * pointer travels in the same register as a long, and those that a function doesn't have are
 * ignored.
 */
enum Libc {
  CLOSE("close"),
  READ("read"),
  WRITE("write"),
  LSEEK("lseek"),
  PIPE2("pipe2"),
  FCNTL("fcntl"),
  MEMFD_CREATE("memfd_create"),
  EPOLL_CREATE1("epoll_create1"),
  EPOLL_CTL("epoll_ctl"),
  EPOLL_WAIT("epoll_wait"),
  EVENTFD("eventfd"),
  SOCKET("socket"),
  BIND("bind"),
  SENDTO("sendto"),
  RECV("recv"),
  SETSOCKOPT("setsockopt"),
  IOCTL("ioctl"),
  SETNS("setns"),
  UNSHARE("unshare"),
  MOUNT("mount"),
  UMOUNT2("umount2"),
  OPEN("open"),
  GETRLIMIT("getrlimit"),
  SYSCALL("syscall");

  private static final StructLayout CALL_STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      CALL_STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));

  private final MethodHandle handle;

  Libc(String function) {
    Linker linker = Linker.nativeLinker();
    FunctionDescriptor six =
        FunctionDescriptor.of(
            JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG, JAVA_LONG);
    handle =
        linker.downcallHandle(
            linker.defaultLookup().findOrThrow(function),
            six,
            Linker.Option.captureCallState("errno"));
  }

  /**
   * Calls with four arguments.
   *
   * @param arguments what to tell people when it fails
   */
  long call(String name, String arguments, long a, long b, long c, long d) throws SyscallException {
    return call(name, arguments, a, b, c, d, 0, 0);
  }

  /** Calls with six arguments. */
  long call(String name, String arguments, long a, long b, long c, long d, long e, long f)
      throws SyscallException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(CALL_STATE);
      long result = (long) handle.invokeExact(state, a, b, c, d, e, f);
      // Functions that return an int leave the upper half of the register undefined.
      if ((int) result == -1) {
        throw new SyscallException(name, arguments, (int) ERRNO.get(state, 0L));
      }
      return result;
    } catch (SyscallException failed) {
      throw failed;
    } catch (Throwable impossible) {
      throw new IllegalStateException("cannot call " + name, impossible);
    }
  }
}
