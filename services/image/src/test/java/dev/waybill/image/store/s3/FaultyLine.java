package dev.waybill.image.store.s3;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/** The way to a server, with what may happen on it. */
public final class FaultyLine implements AutoCloseable {
  private static final int PIECE_BYTES = 16 * 1024;

  /** What happens on a connection. */
  public sealed interface Fault {
    /** Nothing. */
    record None() implements Fault {}

    /** It ends once so many bytes went up. */
    record CutUp(long afterBytes) implements Fault {}

    /** It ends once so many bytes came down. */
    record CutDown(long afterBytes) implements Fault {}

    /** What comes after so many bytes that went up is lost; whoever waits for that is told. */
    record Swallow(long afterBytes, CountDownLatch reached) implements Fault {}

    /** A bit of one byte that goes up is another one. */
    record Flip(long atByte) implements Fault {}

    /** Whatever is in between answers that the server is busy. */
    record Busy() implements Fault {}
  }

  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final int target;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Set<Socket> open = ConcurrentHashMap.newKeySet();
  private final AtomicInteger times = new AtomicInteger();
  private volatile Fault fault = new Fault.None();

  private FaultyLine(int target) throws IOException {
    this.target = target;
    threads.execute(this::accept);
  }

  /** The way to this port of the loopback address. */
  public static FaultyLine to(int port) throws IOException {
    return new FaultyLine(port);
  }

  /** Lets it happen to the next so many connections; those that are open end now. */
  public void inject(Fault next, int connections) {
    times.set(connections);
    fault = next;
    cutAll();
  }

  /** Lets it happen to all connections from now on. */
  public void inject(Fault next) {
    inject(next, Integer.MAX_VALUE);
  }

  /** How often it may happen still. */
  int left() {
    return Math.max(0, times.get());
  }

  public int port() {
    return listener.getLocalPort();
  }

  private void accept() {
    while (true) {
      try {
        Socket client = listener.accept();
        threads.execute(() -> carry(client));
      } catch (SocketException closed) {
        return;
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  private void carry(Socket client) {
    Fault here =
        fault instanceof Fault.None || times.getAndDecrement() <= 0 ? new Fault.None() : fault;
    try (client;
        Socket server = new Socket()) {
      open.add(client);
      open.add(server);
      if (here instanceof Fault.Busy) {
        refuse(client);
        return;
      }
      server.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), target));
      var up = threads.submit(() -> pump(client, server, up(here)));
      pump(server, client, down(here));
      up.get();
    } catch (Exception e) {
      // The end of a connection, by the fault or by one of its sides, is what this is for.
    } finally {
      open.remove(client);
    }
  }

  /** What becomes of each piece on its way. */
  private interface Toll {
    /**
     * Lets it pass, or not.
     *
     * @param before bytes that passed before it
     * @return whether the connection goes on
     */
    boolean take(byte[] piece, int count, long before, OutputStream out) throws IOException;
  }

  private static boolean free(byte[] piece, int count, long before, OutputStream out)
      throws IOException {
    out.write(piece, 0, count);
    return true;
  }

  private static Toll limit(long bytes) {
    return (piece, count, before, out) -> {
      out.write(piece, 0, (int) Math.clamp(bytes - before, 0, count));
      return before + count < bytes;
    };
  }

  private static Toll up(Fault fault) {
    return switch (fault) {
      case Fault.CutUp(var after) -> limit(after);
      case Fault.Flip(var at) ->
          (piece, count, before, out) -> {
            if (before <= at && at < before + count) {
              piece[(int) (at - before)] ^= 1;
            }
            return free(piece, count, before, out);
          };
      case Fault.Swallow(var after, var reached) ->
          (piece, count, before, out) -> {
            if (!limit(after).take(piece, count, before, out)) {
              reached.countDown();
            }
            return true;
          };
      default -> FaultyLine::free;
    };
  }

  private static Toll down(Fault fault) {
    return fault instanceof Fault.CutDown(var after) ? limit(after) : FaultyLine::free;
  }

  private static void pump(Socket from, Socket to, Toll toll) {
    byte[] piece = new byte[PIECE_BYTES];
    try (from;
        to;
        InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      long passed = 0;
      int count = in.read(piece);
      while (count >= 0 && toll.take(piece, count, passed, out)) {
        passed += count;
        count = in.read(piece);
      }
    } catch (IOException e) {
      // As above.
    }
  }

  private static void refuse(Socket client) throws IOException {
    client.getInputStream().read(new byte[PIECE_BYTES]);
    client
        .getOutputStream()
        .write(
            ("HTTP/1.1 503 Slow Down\r\nContent-Type: application/xml\r\nConnection: close\r\n\r\n"
                    + "<Error><Code>SlowDown</Code><Message>less, please</Message></Error>")
                .getBytes(US_ASCII));
    client.shutdownOutput();
    while (client.getInputStream().read() >= 0) {
      // A socket that is closed with something unread is reset, and the answer may be lost.
    }
  }

  private void cutAll() {
    for (Socket socket : open) {
      try {
        socket.close();
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    open.clear();
  }

  @Override
  public void close() throws IOException {
    listener.close();
    cutAll();
    threads.close();
  }
}
