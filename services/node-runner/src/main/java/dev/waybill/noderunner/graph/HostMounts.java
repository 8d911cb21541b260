package dev.waybill.noderunner.graph;

import static java.lang.foreign.ValueLayout.ADDRESS;
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
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Mounts of the namespace that this process is in.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html">mountinfo</a>
 */
final class HostMounts {
  private static final Path MOUNTINFO = Path.of("/proc/thread-self/mountinfo");
  private static final int MOUNT_POINT = 4;
  private static final int CLONE_NEWNS = 0x0002_0000;
  private static final long MS_REC = 0x4000;
  private static final long MS_PRIVATE = 1 << 18;
  private static final int MNT_DETACH = 2;
  private static final int UMOUNT_NOFOLLOW = 8;

  private static final MemoryLayout STATE = Linker.Option.captureStateLayout();
  private static final VarHandle ERRNO =
      STATE.varHandle(MemoryLayout.PathElement.groupElement("errno"));
  private static final MethodHandle UMOUNT =
      link("umount2", FunctionDescriptor.of(JAVA_INT, ADDRESS, JAVA_INT));
  private static final MethodHandle UNSHARE =
      link("unshare", FunctionDescriptor.of(JAVA_INT, JAVA_INT));
  private static final MethodHandle MOUNT =
      link("mount", FunctionDescriptor.of(JAVA_INT, ADDRESS, ADDRESS, ADDRESS, JAVA_LONG, ADDRESS));

  /** A call that the kernel refused. */
  static final class RefusedException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int errno;

    RefusedException(String call, String argument, int errno) {
      super("%s '%s': %s".formatted(call, argument, name(errno)));
      this.errno = errno;
    }

    /** As Linux numbers them. */
    int errno() {
      return errno;
    }

    private static String name(int errno) {
      return switch (errno) {
        case 1 -> "EPERM";
        case 2 -> "ENOENT";
        case 16 -> "EBUSY";
        case 19 -> "ENODEV";
        case 22 -> "EINVAL";
        case 95 -> "EOPNOTSUPP";
        default -> "errno " + errno;
      };
    }
  }

  private HostMounts() {}

  private static MethodHandle link(String name, FunctionDescriptor form) {
    Linker linker = Linker.nativeLinker();
    return linker.downcallHandle(
        linker.defaultLookup().findOrThrow(name), form, Linker.Option.captureCallState("errno"));
  }

  /** Where something of this type is mounted; a place once for each mount on it. */
  static List<Path> ofType(String type) throws IOException {
    List<Path> found = new ArrayList<>();
    for (String line : Files.readAllLines(MOUNTINFO)) {
      String[] halves = line.split(" - ", 2);
      if (halves.length == 2 && halves[1].startsWith(type + " ")) {
        found.add(Path.of(unescaped(halves[0].split(" ")[MOUNT_POINT])));
      }
    }
    return found;
  }

  /** Spaces and the like are written as a backslash and three octal digits. */
  private static String unescaped(String text) {
    StringBuilder plain = new StringBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c == '\\' && at + 4 <= text.length()) {
        plain.append((char) Integer.parseInt(text.substring(at + 1, at + 4), 8));
        at += 3;
      } else {
        plain.append(c);
      }
    }
    return plain.toString();
  }

  /** Takes the topmost mount off this place; who has files of it open keeps them. */
  static void detach(Path place) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      MemorySegment path = arena.allocateFrom(place.toString());
      int result = (int) UMOUNT.invokeExact(state, path, MNT_DETACH | UMOUNT_NOFOLLOW);
      check(result, state, "umount2", place.toString());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  /**
   * Gives the calling thread a mount namespace of its own, to which its mounts are confined; it
   * ends with the thread, which must be a platform thread that does nothing else.
   */
  static void leaveNamespace() throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      check((int) UNSHARE.invokeExact(state, CLONE_NEWNS), state, "unshare", "mount namespace");
    } catch (Throwable e) {
      throw rethrown(e);
    }
    mount("none", Path.of("/"), "", MS_REC | MS_PRIVATE, "");
  }

  static void mountOverlay(Root.Overlay overlay) throws IOException {
    mount("overlay", overlay.rootfs(), "overlay", 0, overlay.mountOptions());
  }

  private static void mount(String source, Path target, String type, long flags, String options)
      throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment state = arena.allocate(STATE);
      int result =
          (int)
              MOUNT.invokeExact(
                  state,
                  arena.allocateFrom(source),
                  arena.allocateFrom(target.toString()),
                  arena.allocateFrom(type),
                  flags,
                  arena.allocateFrom(options));
      check(result, state, "mount " + type, target.toString());
    } catch (Throwable e) {
      throw rethrown(e);
    }
  }

  private static void check(int result, MemorySegment state, String call, String argument)
      throws RefusedException {
    if (result < 0) {
      throw new RefusedException(call.strip(), argument, (int) ERRNO.get(state, 0L));
    }
  }

  /** Method handles declare everything; only our own failures and bugs can come out. */
  private static IOException rethrown(Throwable e) {
    return switch (e) {
      case IOException failure -> failure;
      case RuntimeException bug -> throw bug;
      case Error grave -> throw grave;
      default -> new IOException(e);
    };
  }
}
