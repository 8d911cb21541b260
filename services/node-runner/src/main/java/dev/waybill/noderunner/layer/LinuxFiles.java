package dev.waybill.noderunner.layer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * The calls on files that Java doesn't have, for one thread and one unpacking: names and data go
 * through buffers that are allocated once. Directories are given as descriptors; no call follows a
 * symbolic link in the last component.
 */
final class LinuxFiles implements AutoCloseable {
  /** Bytes that {@link #write} takes at once. */
  static final int DATA_BYTES = 128 * 1024;

  private static final int NAME_BYTES = 4096;
  private static final int AT_FDCWD = -100;
  private static final int AT_SYMLINK_NOFOLLOW = 0x100;
  private static final int AT_REMOVEDIR = 0x200;
  private static final int O_WRONLY = 1;
  private static final int O_CREAT = 0100;
  private static final int O_EXCL = 0200;
  private static final int O_CLOEXEC = 02000000;
  private static final int O_PATH = 010000000;
  // These two differ between ports of Linux.
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
  private static final int O_DIRECTORY = ARM ? 040000 : 0200000;
  private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final long SYS_OPENAT2 = 437;
  private static final long RESOLVE_NO_MAGICLINKS = 0x02;
  private static final long RESOLVE_BENEATH = 0x08;
  private static final int S_IFCHR = 0020000;
  private static final int SEEK_SET = 0;

  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle SYSCALL =
      Calls.variadic("syscall", 1, JAVA_LONG, JAVA_LONG, JAVA_INT, ADDRESS, ADDRESS, JAVA_LONG);
  private static final MethodHandle OPENAT =
      Calls.variadic("openat", 3, JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle MKDIRAT =
      Calls.plain("mkdirat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle MKNODAT =
      Calls.plain("mknodat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_LONG);
  private static final MethodHandle SYMLINKAT =
      Calls.plain("symlinkat", JAVA_INT, ADDRESS, JAVA_INT, ADDRESS);
  private static final MethodHandle LINKAT =
      Calls.plain("linkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle UNLINKAT =
      Calls.plain("unlinkat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT);
  private static final MethodHandle FCHOWNAT =
      Calls.plain("fchownat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHMODAT =
      Calls.plain("fchmodat", JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT);
  private static final MethodHandle FCHMOD = Calls.plain("fchmod", JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle UTIMENSAT =
      Calls.plain("utimensat", JAVA_INT, JAVA_INT, ADDRESS, ADDRESS, JAVA_INT);
  private static final MethodHandle FUTIMENS = Calls.plain("futimens", JAVA_INT, JAVA_INT, ADDRESS);
  private static final MethodHandle FCHOWN =
      Calls.plain("fchown", JAVA_INT, JAVA_INT, JAVA_INT, JAVA_INT);
  private static final MethodHandle LSETXATTR =
      Calls.plain("lsetxattr", JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, JAVA_INT);
  private static final MethodHandle WRITE =
      Calls.plain("write", JAVA_LONG, JAVA_INT, ADDRESS, JAVA_LONG);
  private static final MethodHandle LSEEK =
      Calls.plain("lseek", JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT);
  private static final MethodHandle FTRUNCATE =
      Calls.plain("ftruncate", JAVA_INT, JAVA_INT, JAVA_LONG);
  private static final MethodHandle CLOSE = Calls.plain("close", JAVA_INT, JAVA_INT);

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(STATE);
  private final MemorySegment name = arena.allocate(NAME_BYTES);
  private final MemorySegment second = arena.allocate(NAME_BYTES);
  private final MemorySegment how = arena.allocate(3 * JAVA_LONG.byteSize(), 8);
  private final MemorySegment times = arena.allocate(4 * JAVA_LONG.byteSize(), 8);
  private final MemorySegment data = arena.allocate(DATA_BYTES);

  /** Links against the C library of this process. */
  private static final class Calls {
    static MethodHandle plain(String name, MemoryLayout result, MemoryLayout... arguments) {
      return link(name, result, arguments, Linker.Option.captureCallState("errno"));
    }

    static MethodHandle variadic(
        String name, int fixed, MemoryLayout result, MemoryLayout... arguments) {
      return link(
          name,
          result,
          arguments,
          Linker.Option.captureCallState("errno"),
          Linker.Option.firstVariadicArg(fixed));
    }

    private static MethodHandle link(
        String name, MemoryLayout result, MemoryLayout[] arguments, Linker.Option... options) {
      Linker linker = Linker.nativeLinker();
      return linker.downcallHandle(
          linker.defaultLookup().findOrThrow(name),
          FunctionDescriptor.of(result, arguments),
          options);
    }
  }

  /** A descriptor of a directory of ours, to be closed. */
  int openRoot(Path directory) throws IOException {
    put(name, RawName.of(bytes(directory), 0, bytes(directory).length));
    try {
      return checked(
          (int) OPENAT.invokeExact(state, AT_FDCWD, name, O_PATH | O_DIRECTORY | O_CLOEXEC, 0),
          "open",
          directory.toString());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static byte[] bytes(Path path) {
    return path.toString().getBytes(StandardCharsets.UTF_8);
  }

  /**
   * A descriptor of the directory that {@code path} leads to from {@code root}, to be closed. A
   * path that leads out of the root fails with {@link Errno#EXDEV}.
   */
  int openDirectoryBeneath(int root, String path) throws IOException {
    put(name, path);
    how.setAtIndex(JAVA_LONG, 0, O_PATH | O_DIRECTORY | O_CLOEXEC);
    how.setAtIndex(JAVA_LONG, 1, 0);
    how.setAtIndex(JAVA_LONG, 2, RESOLVE_BENEATH | RESOLVE_NO_MAGICLINKS);
    try {
      long fd = (long) SYSCALL.invokeExact(state, SYS_OPENAT2, root, name, how, how.byteSize());
      return checked((int) fd, "openat2", path);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** A descriptor of the directory in this one, not through a link; to be closed. */
  int openDirectory(int directory, String child) throws IOException {
    put(name, child);
    int flags = O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
    try {
      return checked((int) OPENAT.invokeExact(state, directory, name, flags, 0), "openat", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** A descriptor of a new file, to be written and closed. */
  int createFile(int directory, String child, int mode) throws IOException {
    put(name, child);
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC;
    try {
      return checked(
          (int) OPENAT.invokeExact(state, directory, name, flags, mode), "create", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void makeDirectory(int directory, String child, int mode) throws IOException {
    put(name, child);
    try {
      checked((int) MKDIRAT.invokeExact(state, directory, name, mode), "mkdirat", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Makes a device node or a fifo; {@code type} is its bits of the mode. */
  void makeNode(int directory, String child, int type, int major, int minor) throws IOException {
    put(name, child);
    long device =
        (minor & 0xffL) | (major & 0xfffL) << 8 | (minor & ~0xffL) << 12 | (major & ~0xfffL) << 32;
    try {
      checked((int) MKNODAT.invokeExact(state, directory, name, type, device), "mknodat", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** What overlayfs takes for "gone from here down". */
  void makeWhiteout(int directory, String child) throws IOException {
    makeNode(directory, child, S_IFCHR, 0, 0);
  }

  void makeSymbolicLink(int directory, String child, String target) throws IOException {
    put(name, child);
    put(second, target);
    try {
      checked((int) SYMLINKAT.invokeExact(state, second, directory, name), "symlinkat", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void makeHardLink(int fromDirectory, String from, int directory, String child)
      throws IOException {
    put(name, child);
    put(second, from);
    try {
      checked(
          (int) LINKAT.invokeExact(state, fromDirectory, second, directory, name, 0),
          "linkat",
          from);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void removeFile(int directory, String child) throws IOException {
    unlink(directory, child, 0);
  }

  void removeEmptyDirectory(int directory, String child) throws IOException {
    unlink(directory, child, AT_REMOVEDIR);
  }

  private void unlink(int directory, String child, int flags) throws IOException {
    put(name, child);
    try {
      checked((int) UNLINKAT.invokeExact(state, directory, name, flags), "unlinkat", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void changeOwner(int directory, String child, long uid, long gid) throws IOException {
    put(name, child);
    try {
      checked(
          (int)
              FCHOWNAT.invokeExact(
                  state, directory, name, (int) uid, (int) gid, AT_SYMLINK_NOFOLLOW),
          "fchownat",
          child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void changeOwner(int file, long uid, long gid) throws IOException {
    try {
      checked((int) FCHOWN.invokeExact(state, file, (int) uid, (int) gid), "fchown", "" + file);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Not for symbolic links: they have no mode, and this would follow them. */
  void changeMode(int directory, String child, int mode) throws IOException {
    put(name, child);
    try {
      checked((int) FCHMODAT.invokeExact(state, directory, name, mode, 0), "fchmodat", child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void changeMode(int file, int mode) throws IOException {
    try {
      checked((int) FCHMOD.invokeExact(state, file, mode), "fchmod", "" + file);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void changeTime(int directory, String child, long seconds, int nanos) throws IOException {
    put(name, child);
    putTimes(seconds, nanos);
    try {
      checked(
          (int) UTIMENSAT.invokeExact(state, directory, name, times, AT_SYMLINK_NOFOLLOW),
          "utimensat",
          child);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void changeTime(int file, long seconds, int nanos) throws IOException {
    putTimes(seconds, nanos);
    try {
      checked((int) FUTIMENS.invokeExact(state, file, times), "futimens", "" + file);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private void putTimes(long seconds, int nanos) {
    for (int i = 0; i < 2; i++) { // Last access and last change: a layer knows only one of them.
      times.setAtIndex(JAVA_LONG, 2L * i, seconds);
      times.setAtIndex(JAVA_LONG, 2L * i + 1, nanos);
    }
  }

  /** Sets an extended attribute of the file itself, whatever it is. */
  void setAttribute(int directory, String child, String attribute, byte[] value)
      throws IOException {
    put(name, "/proc/self/fd/" + directory + "/" + child);
    put(second, attribute);
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment content = scratch.allocate(Math.max(1, value.length));
      MemorySegment.copy(value, 0, content, JAVA_BYTE, 0, value.length);
      checked(
          (int) LSETXATTR.invokeExact(state, name, second, content, (long) value.length, 0),
          "lsetxattr",
          child + " " + attribute);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Writes all that remains, at most {@link #DATA_BYTES}. */
  void write(int file, ByteBuffer content) throws IOException {
    int length = content.remaining();
    MemorySegment.copy(MemorySegment.ofBuffer(content), 0, data, 0, length);
    content.position(content.limit());
    try {
      for (long written = 0; written < length; ) {
        long count = (long) WRITE.invokeExact(state, file, data.asSlice(written), length - written);
        written += checked((int) count, "write", "" + file);
      }
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** The next write goes there. */
  void seek(int file, long offset) throws IOException {
    try {
      checked(
          Long.signum((long) LSEEK.invokeExact(state, file, offset, SEEK_SET)), "lseek", "" + file);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /** Makes it so many bytes long; what was never written reads as zeros. */
  void truncate(int file, long size) throws IOException {
    try {
      checked((int) FTRUNCATE.invokeExact(state, file, size), "ftruncate", "" + file);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  void close(int descriptor) throws IOException {
    try {
      checked((int) CLOSE.invokeExact(state, descriptor), "close", "" + descriptor);
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static void put(MemorySegment buffer, String raw) throws IOException {
    if (raw.length() >= NAME_BYTES) {
      throw LayerRefusedException.malformed(
          "a name of " + raw.length() + " bytes is over the limit of " + (NAME_BYTES - 1));
    }
    byte[] bytes = RawName.bytes(raw);
    MemorySegment.copy(bytes, 0, buffer, JAVA_BYTE, 0, bytes.length);
    buffer.set(JAVA_BYTE, bytes.length, (byte) 0);
  }

  private int checked(int result, String call, String argument) throws SyscallException {
    if (result < 0) {
      throw new SyscallException(call, RawName.shown(argument), (int) ERRNO.get(state, 0L));
    }
    return result;
  }

  /** Method handles declare everything; only our own failures and bugs can come out. */
  static IOException rethrown(Throwable e) {
    return switch (e) {
      case IOException failure -> failure;
      case RuntimeException bug -> throw bug;
      case Error grave -> throw grave;
      default -> new IOException(e);
    };
  }

  @Override
  public void close() {
    arena.close();
  }
}
