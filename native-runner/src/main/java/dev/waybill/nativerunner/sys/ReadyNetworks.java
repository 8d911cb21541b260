package dev.waybill.nativerunner.sys;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * A few network namespaces that are made before anybody asks: making one is the longest part of a
 * clone. Each is used once, and is as new as one that the clone would have made.
 */
public final class ReadyNetworks implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ReadyNetworks.class.getName());
  private static final int CLONE_NEWNET = 0x40000000;

  /** Whoever took one has the processors; the next can wait that long. */
  private static final long LAUNCH_MS = 2;

  private final BlockingQueue<Fd> ready;
  private final Optional<Thread> maker;

  private ReadyNetworks(int count) {
    this.ready = new ArrayBlockingQueue<>(Math.max(1, count));
    this.maker =
        count == 0
            ? Optional.empty()
            : Optional.of(Thread.ofPlatform().daemon().name("ready-networks").start(this::make));
  }

  /** Keeps this many ready; to make one takes CAP_SYS_ADMIN. */
  public static ReadyNetworks keep(int count) {
    return new ReadyNetworks(count);
  }

  /** Never has one. */
  public static ReadyNetworks none() {
    return new ReadyNetworks(0);
  }

  /** One that is ready, for the caller to close; or none, and the clone has to make it. */
  public Optional<Fd> take() {
    return Optional.ofNullable(ready.poll());
  }

  /** Each unshare takes this thread to another namespace; its descriptor keeps that alive. */
  private void make() {
    try {
      while (true) {
        Libc.UNSHARE.call("unshare", "CLONE_NEWNET", CLONE_NEWNET, 0, 0, 0);
        NetworkNamespaces.loopback();
        Fd network = NetworkNamespaces.open(Path.of("/proc/thread-self/ns/net"));
        try {
          if (!ready.offer(network)) {
            ready.put(network);
            Thread.sleep(LAUNCH_MS);
          }
        } catch (InterruptedException closed) {
          network.close();
          return;
        }
      }
    } catch (IOException e) {
      LOG.log(Level.WARNING, "no network namespaces are kept ready, each launch makes its own", e);
    }
  }

  @Override
  public void close() {
    maker.ifPresent(Thread::interrupt);
    for (Fd unused = ready.poll(); unused != null; unused = ready.poll()) {
      unused.close();
    }
  }
}
