package dev.waybill.noderunner.layer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_INT;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.EOFException;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Set;

/**
 * Copies the content of files, for one thread: shared where the file system can do that, else
 * inside of the kernel, else through memory. Holes stay holes.
 *
 * @see <a
 *     href="https://man7.org/linux/man-pages/man2/copy_file_range.2.html">copy_file_range(2)</a>
 * @see <a href="https://man7.org/linux/man-pages/man2/FICLONE.2const.html">FICLONE</a>
 */
final class ContentCopy implements AutoCloseable {
  private static final long FICLONE = 0x4004_9409L;
  private static final int SEEK_DATA = 3;
  private static final int SEEK_HOLE = 4;
  private static final int O_RDONLY = 0;
  private static final int O_CLOEXEC = 02000000;
  private static final boolean ARM = System.getProperty("os.arch", "").equals("aarch64");
  private static final int O_NOFOLLOW = ARM ? 0100000 : 0400000;
  private static final int AT_FDCWD = -100;
  private static final int TARGET_BYTES_MAX = 4096;
  private static final int ENXIO = 6;

  /** What file systems and kernels say that can't copy by themselves. */
  private static final Set<Integer> NOT_SO = Set.of(1, 18, 22, 25, 38, 95);

  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle OPENAT =
      link("openat", 3, FunctionDescriptor.of(JAVA_INT, JAVA_INT, ADDRESS, JAVA_INT, JAVA_INT));
  private static final MethodHandle IOCTL =
      link("ioctl", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle LSEEK =
      link("lseek", 3, FunctionDescriptor.of(JAVA_LONG, JAVA_INT, JAVA_LONG, JAVA_INT));
  private static final MethodHandle COPY =
      link(
          "copy_file_range",
          6,
          FunctionDescriptor.of(
              JAVA_LONG, JAVA_INT, ADDRESS, JAVA_INT, ADDRESS, JAVA_LONG, JAVA_INT));
  private static final MethodHandle TRUNCATE =
      link("ftruncate", 2, FunctionDescriptor.of(JAVA_INT, JAVA_INT, JAVA_LONG));
  private static final MethodHandle READLINK =
      link("readlink", 3, FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle CLOSE =
      link("close", 1, FunctionDescriptor.of(JAVA_INT, JAVA_INT));

  private final Arena arena = Arena.ofConfined();
  private final MemorySegment state = arena.allocate(STATE);
  private final MemorySegment in = arena.allocate(JAVA_LONG);
  private final MemorySegment out = arena.allocate(JAVA_LONG);
  private boolean mayShare = true;
  private boolean mayCopyInKernel = true;

  private static MethodHandle link(String name, int fixed, FunctionDescriptor form) {
    Linker linker = Linker.nativeLinker();
    Linker.Option errno = Linker.Option.captureCallState("errno");
    MemorySegment function = linker.defaultLookup().findOrThrow(name);
    return fixed == form.argumentLayouts().size()
        ? linker.downcallHandle(function, form, errno)
        : linker.downcallHandle(function, form, errno, Linker.Option.firstVariadicArg(fixed));
  }

  /**
   * Copies all of a file.
   *
   * @param to descriptor of an empty file that is open for writing
   * @param size bytes of {@code from}
   * @throws EOFException if it is shorter than that
   */
  void copy(Path from, int to, long size) throws IOException {
    if (size == 0) {
      return;
    }
    int source = open(from);
    try {
      if (!share(source, to, from)) {
        copyData(source, to, size, from);
      }
    } finally {
      checked(close(source), "close", from);
    }
  }

  private boolean share(int source, int to, Path from) throws IOException {
    if (!mayShare) {
      return false;
    }
    try {
      int result = (int) IOCTL.invokeExact(state, to, FICLONE, source);
      mayShare = result == 0 || !NOT_SO.contains(errno());
      checked(mayShare ? result : 0, "ioctl FICLONE", from);
      return mayShare;
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  private void copyData(int source, int to, long size, Path from) throws IOException {
    for (long at = 0; at < size; ) {
      long data = seek(source, at, SEEK_DATA, from);
      if (data < 0) {
        break; // The rest is a hole.
      }
      long end = seek(source, data, SEEK_HOLE, from);
      copyPiece(source, to, data, end, from);
      at = end;
    }
    try {
      checked((int) TRUNCATE.invokeExact(state, to, size), "ftruncate", from);
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  /** Where the next data or hole is; negative where there is none. */
  private long seek(int file, long at, int whence, Path path) throws IOException {
    try {
      long found = (long) LSEEK.invokeExact(state, file, at, whence);
      return found < 0 && errno() == ENXIO ? found : checked(found, "lseek", path);
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  private void copyPiece(int source, int to, long start, long end, Path from) throws IOException {
    long at = start;
    while (mayCopyInKernel && at < end) {
      in.set(JAVA_LONG, 0, at);
      out.set(JAVA_LONG, 0, at);
      long count;
      try {
        count = (long) COPY.invokeExact(state, source, in, to, out, end - at, 0);
      } catch (Throwable e) {
        throw LinuxFiles.rethrown(e);
      }
      mayCopyInKernel = count >= 0 || !NOT_SO.contains(errno());
      at += mayCopyInKernel ? progress(checked(count, "copy_file_range", from), from) : 0;
    }
    if (at < end) {
      copyThroughMemory(from, to, at, end);
    }
  }

  private static long progress(long count, Path from) throws EOFException {
    if (count == 0) {
      throw new EOFException(from + " became shorter while it was copied");
    }
    return count;
  }

  private static void copyThroughMemory(Path from, int to, long start, long end)
      throws IOException {
    try (FileChannel source =
            FileChannel.open(from, StandardOpenOption.READ, LinkOption.NOFOLLOW_LINKS);
        FileChannel target =
            FileChannel.open(Path.of("/proc/self/fd/" + to), StandardOpenOption.WRITE)) {
      ByteBuffer piece = ByteBuffer.allocate(LinuxFiles.DATA_BYTES);
      for (long at = start; at < end; ) {
        piece.clear().limit((int) Math.min(piece.capacity(), end - at));
        progress(Math.max(0, source.read(piece, at)), from);
        piece.flip();
        while (piece.hasRemaining()) {
          at += target.write(piece, at);
        }
      }
    }
  }

  /** Where a symbolic link leads, byte by byte; Java's own answer drops slashes. */
  String target(Path link) throws IOException {
    try (Arena scratch = Arena.ofConfined()) {
      MemorySegment path = path(scratch, link);
      MemorySegment target = scratch.allocate(TARGET_BYTES_MAX);
      long length = (long) READLINK.invokeExact(state, path, target, target.byteSize());
      int bytes = (int) checked(length, "readlink", link);
      return RawName.of(target.asSlice(0, bytes).toArray(JAVA_BYTE), 0, bytes);
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  private static MemorySegment path(Arena arena, Path file) {
    byte[] raw = RawName.bytes(RawName.of(file));
    MemorySegment path = arena.allocate(raw.length + 1L);
    return path.copyFrom(MemorySegment.ofArray(raw));
  }

  private int open(Path file) throws IOException {
    int flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW;
    try (Arena name = Arena.ofConfined()) {
      MemorySegment path = path(name, file);
      int opened = (int) OPENAT.invokeExact(state, AT_FDCWD, path, flags, 0);
      return (int) checked(opened, "open", file);
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  private int close(int file) throws IOException {
    try {
      return (int) CLOSE.invokeExact(state, file);
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  private int errno() {
    return (int) ERRNO.get(state, 0L);
  }

  private long checked(long result, String call, Path file) throws SyscallException {
    if (result < 0) {
      throw new SyscallException(call, file.toString(), errno());
    }
    return result;
  }

  @Override
  public void close() {
    arena.close();
  }
}
