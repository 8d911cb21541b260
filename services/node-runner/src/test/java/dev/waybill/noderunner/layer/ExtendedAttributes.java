package dev.waybill.noderunner.layer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_BYTE;
import static java.lang.foreign.ValueLayout.JAVA_LONG;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/** Reads attributes that Java doesn't show. */
final class ExtendedAttributes {
  private static final MethodHandle LGETXATTR =
      Linker.nativeLinker()
          .downcallHandle(
              Linker.nativeLinker().defaultLookup().findOrThrow("lgetxattr"),
              FunctionDescriptor.of(JAVA_LONG, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG));

  private ExtendedAttributes() {}

  static Optional<byte[]> get(Path file, String name) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment value = arena.allocate(4096);
      long length =
          (long)
              LGETXATTR.invokeExact(
                  arena.allocateFrom(file.toString()),
                  arena.allocateFrom(name),
                  value,
                  value.byteSize());
      return length < 0
          ? Optional.empty()
          : Optional.of(value.asSlice(0, length).toArray(JAVA_BYTE));
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }
}
