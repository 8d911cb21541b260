package dev.waybill.noderunner.layer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.VarHandle;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Extended attributes of a file itself, never of what it links to. Java shows those of {@code user}
 * only, and only of what it can open.
 */
final class ExtendedAttributes {
  /** The most that Linux gives, for a value and for the list of names. */
  private static final int BYTES_MAX = 64 * 1024;

  private static final int ENODATA = 61;
  private static final int ENOTSUP = 95;
  private static final MemorySegment NOTHING = MemorySegment.NULL;
  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle GET =
      link("lgetxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));
  private static final MethodHandle LIST =
      link("llistxattr", FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, JAVA_LONG));

  private ExtendedAttributes() {}

  private static MethodHandle link(String name, FunctionDescriptor form) {
    return Linker.nativeLinker()
        .downcallHandle(
            Linker.nativeLinker().defaultLookup().findOrThrow(name),
            form,
            Linker.Option.captureCallState("errno"));
  }

  /** The value; empty where the file has no such attribute, or its file system has none at all. */
  static Optional<byte[]> get(Path file, String name) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment value = arena.allocate(BYTES_MAX);
      long length =
          (long)
              GET.invokeExact(
                  state, path(arena, file), arena.allocateFrom(name), value, value.byteSize());
      return length < 0
          ? absent(state, "lgetxattr", file)
          : Optional.of(value.asSlice(0, length).toArray(JAVA_BYTE));
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  /** All that the caller may see, by their full names. */
  static SortedMap<String, byte[]> all(Path file) throws IOException {
    SortedMap<String, byte[]> found = new TreeMap<>();
    for (String name : names(file)) {
      get(file, name).ifPresent(value -> found.put(name, value));
    }
    return found;
  }

  private static String[] names(Path file) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment path = path(arena, file);
      long needed = (long) LIST.invokeExact(state, path, NOTHING, 0L);
      if (needed == 0) {
        return new String[0]; // As of nearly every file.
      }
      MemorySegment names = arena.allocate(BYTES_MAX);
      long length = (long) LIST.invokeExact(state, path, names, names.byteSize());
      if (length < 0) {
        absent(state, "llistxattr", file);
        return new String[0];
      }
      if (length == 0) {
        return new String[0]; // Overlayfs keeps its own to itself, but had counted them.
      }
      byte[] text = names.asSlice(0, length).toArray(JAVA_BYTE);
      return new String(text, StandardCharsets.UTF_8).split("\0");
    } catch (Throwable e) {
      throw LinuxFiles.rethrown(e);
    }
  }

  private static Optional<byte[]> absent(MemorySegment state, String call, Path file)
      throws SyscallException {
    int errno = (int) ERRNO.get(state, 0L);
    if (errno == ENODATA || errno == ENOTSUP) {
      return Optional.empty();
    }
    throw new SyscallException(call, file.toString(), errno);
  }

  private static MemorySegment path(Arena arena, Path file) {
    byte[] bytes = RawName.bytes(RawName.of(file));
    MemorySegment path = arena.allocate(bytes.length + 1L);
    MemorySegment.copy(bytes, 0, path, JAVA_BYTE, 0, bytes.length);
    return path;
  }
}
