package dev.waybill.nativerunner.sys;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongFunction;

/** Watches pidfds with one epoll; an eventfd wakes its thread to end it. */
final class EpollExitWatch implements Kernel.ExitWatch {
  private static final int EPOLL_CLOEXEC = 02000000;
  private static final int CTL_ADD = 1;
  private static final int CTL_DEL = 2;
  private static final int EPOLLIN = 1;
  private static final int EVENTS_MAX = 64;

  /** struct epoll_event is packed on x86-64 and aligned elsewhere. */
  private static final boolean PACKED = System.getProperty("os.arch").equals("amd64");

  private static final int DATA_OFFSET = PACKED ? 4 : 8;
  private static final int EVENT_BYTES = PACKED ? 12 : 16;

  private record Watched(Fd process, Runnable callback) {}

  private final Fd epoll;
  private final Fd wake;
  private final Map<Integer, Watched> watched = new ConcurrentHashMap<>();
  private final Thread thread;

  EpollExitWatch(LongFunction<Fd> own) throws IOException {
    epoll = own.apply(Libc.EPOLL_CREATE1.call("epoll_create1", "", EPOLL_CLOEXEC, 0, 0, 0));
    wake = own.apply(Libc.EVENTFD.call("eventfd", "", 0, EPOLL_CLOEXEC, 0, 0));
    add(wake);
    thread = Thread.ofPlatform().daemon().name("exit-watch").start(this::run);
  }

  private void add(Fd fd) throws IOException {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment event = arena.allocate(EVENT_BYTES, Long.BYTES);
      event.set(ValueLayout.JAVA_INT, 0, EPOLLIN);
      event.set(ValueLayout.JAVA_INT_UNALIGNED, DATA_OFFSET, fd.number());
      Libc.EPOLL_CTL.call(
          "epoll_ctl", "add " + fd.number(), epoll.number(), CTL_ADD, fd.number(), event.address());
    }
  }

  @Override
  public void onExit(Fd process, Runnable callback) throws IOException {
    watched.put(process.number(), new Watched(process, callback));
    try {
      add(process);
    } catch (IOException e) {
      watched.remove(process.number());
      process.close();
      throw e;
    }
  }

  private void run() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment events = arena.allocate((long) EVENT_BYTES * EVENTS_MAX, 8);
      while (!Thread.currentThread().isInterrupted()) {
        long count = waitForEvents(events);
        for (int i = 0; i < count; i++) {
          int number =
              events.get(ValueLayout.JAVA_INT_UNALIGNED, (long) i * EVENT_BYTES + DATA_OFFSET);
          if (number == wake.number()) {
            return;
          }
          ended(number);
        }
      }
    } catch (IOException e) {
      throw new IllegalStateException("the watch for exits has broken", e);
    }
  }

  private long waitForEvents(MemorySegment events) throws IOException {
    try {
      return Libc.EPOLL_WAIT.call(
          "epoll_wait", "", epoll.number(), events.address(), EVENTS_MAX, -1);
    } catch (SyscallException e) {
      if (e.errno().equals(Errno.EINTR)) {
        return 0;
      }
      throw e;
    }
  }

  private void ended(int number) throws IOException {
    Watched entry = watched.remove(number);
    if (entry == null) {
      return;
    }
    Libc.EPOLL_CTL.call("epoll_ctl", "del " + number, epoll.number(), CTL_DEL, number, 0);
    entry.process().close();
    entry.callback().run();
  }

  @Override
  public void close() {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment one = arena.allocateFrom(ValueLayout.JAVA_LONG, 1L);
      Libc.WRITE.call("write", "eventfd", wake.number(), one.address(), Long.BYTES, 0);
      thread.join();
    } catch (SyscallException e) {
      throw new IllegalStateException("cannot end the watch for exits", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    watched.values().forEach(entry -> entry.process().close());
    wake.close();
    epoll.close();
  }
}
