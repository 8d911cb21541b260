package dev.waybill.image.edge;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import java.util.concurrent.ExecutionException;

/**
 * The registry's own HTTP server. It isn't the one of the platform's API: a push has no limit of
 * size, comes from clients of another kind, and must not share a port, a body handler or a log-in
 * with the console.
 */
public final class RegistryServer implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int IDLE_SECONDS = 300;

  private final HttpServer server;

  private RegistryServer(HttpServer server) {
    this.server = server;
  }

  /** Listens on this address; port 0 takes a free one. */
  public static RegistryServer start(Vertx vertx, RegistryRoutes routes, String host, int port) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setHandle100ContinueAutomatically(true)
            .setMaxChunkSize(CHUNK_BYTES)
            .setReceiveBufferSize(4 * CHUNK_BYTES)
            .setTcpNoDelay(true)
            .setIdleTimeout(IDLE_SECONDS);
    try {
      return new RegistryServer(
          vertx
              .createHttpServer(options)
              .requestHandler(routes.router(vertx))
              .listen()
              .toCompletionStage()
              .toCompletableFuture()
              .get());
    } catch (ExecutionException e) {
      throw new IllegalStateException(
          "the registry cannot listen on " + host + ":" + port + ", is the port taken?", e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted while starting the registry", e);
    }
  }

  /** The port it listens on. */
  public int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }
}
