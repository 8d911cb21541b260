package dev.waybill.testkit.registry;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import dev.waybill.kernel.Digest;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.tls.LoopbackCertificate;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A registry on a free port of 127.0.0.1.
 *
 * <pre>{@code
 * try (LoopbackRegistry registry = LoopbackRegistry.start()) {
 *   registry.add("library/app", "v1", image);
 *   registry.inject(new Fault.Busy(429, Duration.ofSeconds(1), 2));
 *   pull(registry.host() + "/library/app:v1");
 * }
 * }</pre>
 */
public final class LoopbackRegistry implements AutoCloseable {
  private final HttpServer server;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final RegistryContent content = new RegistryContent();
  private final FaultBox faults = new FaultBox();
  private final RequestRecord requests = new RequestRecord();
  private final AtomicLong sent = new AtomicLong();

  private LoopbackRegistry(HttpServer server) {
    this.server = server;
  }

  /** An empty registry on a free port. */
  public static LoopbackRegistry start() {
    return start(0);
  }

  /** An empty registry on this port, 0 for a free one. */
  public static LoopbackRegistry start(int port) {
    try {
      return start(HttpServer.create(address(port), 0));
    } catch (IOException e) {
      throw new UncheckedIOException("no loopback registry on port " + port, e);
    }
  }

  /** An empty registry over TLS on a free port. */
  public static LoopbackRegistry startTls(LoopbackCertificate certificate) {
    try {
      HttpsServer server = HttpsServer.create(address(0), 0);
      server.setHttpsConfigurator(new HttpsConfigurator(certificate.ofServer()));
      return start(server);
    } catch (IOException e) {
      throw new UncheckedIOException("no loopback registry over TLS", e);
    }
  }

  private static InetSocketAddress address(int port) throws IOException {
    return new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port);
  }

  private static LoopbackRegistry start(HttpServer server) {
    LoopbackRegistry registry = new LoopbackRegistry(server);
    RegistryHandler handler =
        new RegistryHandler(
            registry.content, registry.faults, registry.host(), registry.sent::addAndGet);
    server.createContext("/", exchange -> registry.handle(exchange, handler));
    server.setExecutor(registry.threads);
    server.start();
    return registry;
  }

  private void handle(HttpExchange exchange, RegistryHandler handler) throws IOException {
    String range = exchange.getRequestHeaders().getFirst("Range");
    requests.add(
        exchange.getRequestMethod()
            + " "
            + exchange.getRequestURI()
            + (range == null ? "" : " " + range));
    handler.handle(exchange);
  }

  /** {@code 127.0.0.1:PORT}, as a reference names it. */
  public String host() {
    return "127.0.0.1:" + server.getAddress().getPort();
  }

  /** Where the API is. */
  public URI uri() {
    return URI.create("http://" + host() + "/");
  }

  /** Adds an image without a push. */
  public void add(String repository, String tag, MadeImage image) {
    content.add(repository, tag, image);
  }

  /** Makes this go wrong from now on, besides what already does. */
  public void inject(Fault fault) {
    faults.add(fault);
  }

  /** Everything goes well again. */
  public void heal() {
    faults.clear();
  }

  /** What a tag names now. */
  public Digest resolve(String repository, String tag) {
    return content.resolve(repository, tag).orElseThrow();
  }

  /** The requests so far: method, path, and the range if one was asked for. */
  public List<String> requests() {
    return requests.all();
  }

  /** How many requests so far contain this text. */
  public long requestsWith(String part) {
    return requests.with(part);
  }

  /** Bytes of blobs that went out so far. */
  public long blobBytesSent() {
    return sent.get();
  }

  /** Waits until a request contains this text; whether one came in time. */
  public boolean awaitRequestWith(String part, Duration atMost) throws InterruptedException {
    return requests.await(part, atMost);
  }

  @Override
  public void close() {
    faults.close();
    server.stop(0);
    threads.shutdownNow();
  }
}
