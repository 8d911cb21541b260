package dev.waybill.image.edge;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.net.SSLOptions;
import io.vertx.ext.web.Router;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** An HTTP server with the registry and nothing else. */
final class RegistryServer implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(RegistryServer.class);
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int IDLE_SECONDS = 300;

  private final HttpServer server;
  private final Optional<TlsFiles> tls;
  private TlsFiles.@Nullable Content served;

  private RegistryServer(
      HttpServer server, Optional<TlsFiles> tls, TlsFiles.@Nullable Content served) {
    this.server = server;
    this.tls = tls;
    this.served = served;
  }

  static RegistryServer start(
      Vertx vertx, RegistryRoutes routes, String host, int port, Optional<TlsFiles> tls) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setHandle100ContinueAutomatically(true)
            .setMaxChunkSize(CHUNK_BYTES)
            .setReceiveBufferSize(4 * CHUNK_BYTES)
            .setTcpNoDelay(true)
            .setIdleTimeout(IDLE_SECONDS);
    TlsFiles.Content content = tls.map(TlsFiles::read).orElse(null);
    if (content != null) {
      options.setSsl(true).setKeyCertOptions(content.options());
    }
    Router router = Router.router(vertx);
    routes.mount(router);
    HttpServer server = vertx.createHttpServer(options).requestHandler(router);
    await(
        server.listen(),
        "the registry cannot listen on " + host + ":" + port + ", is the port taken?");
    return new RegistryServer(server, tls, content);
  }

  /** Serves another certificate from the next connection on, if the files have another one. */
  synchronized void reload() {
    if (tls.isEmpty()) {
      return;
    }
    TlsFiles.Content now = tls.get().read();
    if (!now.equals(served)) {
      await(
          server.updateSSLOptions(new SSLOptions().setKeyCertOptions(now.options())),
          "the new certificate " + tls.get().certificate() + " is of no use, the old one stays");
      served = now;
      LOG.infof("registry serves a new certificate file=%s", tls.get().certificate());
    }
  }

  private static <T> void await(Future<T> future, String failure) {
    try {
      future.toCompletionStage().toCompletableFuture().get();
    } catch (ExecutionException e) {
      throw new IllegalStateException(failure, e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting the registry", e);
    }
  }

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }
}
