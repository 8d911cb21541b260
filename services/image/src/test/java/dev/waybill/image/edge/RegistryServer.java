package dev.waybill.image.edge;

import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.ext.web.Router;
import java.util.concurrent.ExecutionException;

/** An HTTP server with the registry and nothing else. */
final class RegistryServer implements AutoCloseable {
  private static final int CHUNK_BYTES = 64 * 1024;
  private static final int IDLE_SECONDS = 300;

  private final HttpServer server;

  private RegistryServer(HttpServer server) {
    this.server = server;
  }

  static RegistryServer start(Vertx vertx, RegistryRoutes routes, String host, int port) {
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(host)
            .setPort(port)
            .setHandle100ContinueAutomatically(true)
            .setMaxChunkSize(CHUNK_BYTES)
            .setReceiveBufferSize(4 * CHUNK_BYTES)
            .setTcpNoDelay(true)
            .setIdleTimeout(IDLE_SECONDS);
    Router router = Router.router(vertx);
    routes.mount(router);
    try {
      return new RegistryServer(
          vertx
              .createHttpServer(options)
              .requestHandler(router)
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

  int port() {
    return server.actualPort();
  }

  @Override
  public void close() {
    server.close().toCompletionStage().toCompletableFuture().join();
  }
}
