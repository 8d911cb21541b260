package dev.waybill.noderunner.layer;

import static java.lang.foreign.ValueLayout.ADDRESS;
import static java.lang.foreign.ValueLayout.JAVA_INT;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.invoke.MethodHandle;
import java.util.Arrays;
import java.util.Optional;
import java.util.zip.GZIPOutputStream;

/**
 * Intel's library of storage functions, which inflates several times as fast as zlib, where the
 * host has it. It is found, and tried on a small stream, once: a version whose state is laid out
 * otherwise than {@link IsalInflater} thinks is not used.
 *
 * @see <a href="https://github.com/intel/isa-l/blob/v2.30.0/include/igzip_lib.h">igzip_lib.h</a>
 */
final class IsalLibrary {
  /** The name that stands for one binary interface, as the loader knows it. */
  static final String NAME = "libisal.so.2";

  private static final Optional<IsalLibrary> FOUND = find();

  private final MethodHandle init;
  private final MethodHandle inflate;

  private IsalLibrary(SymbolLookup symbols) {
    Linker linker = Linker.nativeLinker();
    init =
        linker.downcallHandle(
            symbols.findOrThrow("isal_inflate_init"), FunctionDescriptor.ofVoid(ADDRESS));
    inflate =
        linker.downcallHandle(
            symbols.findOrThrow("isal_inflate"), FunctionDescriptor.of(JAVA_INT, ADDRESS));
  }

  /** The library of this host, if it has one that works. */
  static Optional<IsalLibrary> found() {
    return FOUND;
  }

  private static Optional<IsalLibrary> find() {
    SymbolLookup symbols;
    try {
      symbols = SymbolLookup.libraryLookup(NAME, Arena.global());
    } catch (IllegalArgumentException notInstalled) {
      return Optional.empty();
    }
    return symbols.find("isal_inflate_init").isPresent() && symbols.find("isal_inflate").isPresent()
        ? Optional.of(new IsalLibrary(symbols)).filter(IsalLibrary::works)
        : Optional.empty();
  }

  /** Whether it inflates what Java deflated, checksum, length and end included. */
  private boolean works() {
    byte[] content = new byte[4096];
    for (int i = 0; i < content.length; i++) {
      content[i] = (byte) (i * i >> 7);
    }
    var packed = new ByteArrayOutputStream();
    try {
      try (var gzip = new GZIPOutputStream(packed)) {
        gzip.write(content);
      }
      try (var in = new IsalGzipStream(new ByteArrayInputStream(packed.toByteArray()), this)) {
        return Arrays.equals(in.readAllBytes(), content);
      }
    } catch (IOException laidOutOtherwise) {
      return false;
    }
  }

  /** Makes {@code state} the state of a stream that begins. */
  void init(MemorySegment state) {
    try {
      init.invokeExact(state);
    } catch (Throwable e) {
      throw new IllegalStateException("isal_inflate_init can't be called", e);
    }
  }

  /** Inflates what there is, as far as there is room; negative if the stream makes no sense. */
  int inflate(MemorySegment state) {
    try {
      return (int) inflate.invokeExact(state);
    } catch (Throwable e) {
      throw new IllegalStateException("isal_inflate can't be called", e);
    }
  }
}
