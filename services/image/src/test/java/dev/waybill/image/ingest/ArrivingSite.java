package dev.waybill.image.ingest;

import dev.waybill.image.access.TokenService;
import dev.waybill.image.distribution.Registry;
import dev.waybill.image.distribution.RegistryLimits;
import dev.waybill.image.distribution.Uploads;
import dev.waybill.image.edge.ArrivingRoutes;
import dev.waybill.image.edge.Authenticator;
import dev.waybill.image.edge.RegistryRoutes;
import dev.waybill.image.quota.Quotas;
import dev.waybill.image.reachability.Leases;
import dev.waybill.oci.image.ImageLimits;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** What a site pulls, served over HTTP while it arrives and afterwards. */
final class ArrivingSite implements AutoCloseable {
  static final String OWNER = "admin:secret";

  private final Vertx vertx = Vertx.vertx();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final HttpClient client =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final HttpServer server;

  ArrivingSite(PullSite site) {
    InstantSource clock = InstantSource.system();
    RegistryLimits limits =
        new RegistryLimits(
            100, 1 << 30, Duration.ofMinutes(10), 1000, new Quotas(Map.of(), 1000, 1000));
    Registry registry =
        new Registry(
            site.store,
            site.catalog,
            new Leases(clock, Duration.ofMinutes(1)),
            new Uploads(site.store, limits, clock, () -> "one"),
            limits,
            ImageLimits.DEFAULT,
            _ -> {});
    Authenticator owner = Authenticator.single("admin", "secret");
    RegistryRoutes routes =
        new RegistryRoutes(
            registry, owner, new TokenService(new byte[32], clock), Optional.empty(), threads);
    Router router = Router.router(vertx);
    routes.mount(router);
    new ArrivingRoutes(site.arrivals(), routes, owner, threads).mount(router);
    server =
        vertx
            .createHttpServer()
            .requestHandler(router)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .join();
  }

  HttpResponse<InputStream> get(String path, String userAndPassword, long offset)
      throws IOException, InterruptedException {
    byte[] pair = userAndPassword.getBytes(StandardCharsets.UTF_8);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.actualPort()).resolve(path))
            .timeout(Duration.ofSeconds(20))
            .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(pair));
    if (offset > 0) {
      request.header("Range", "bytes=" + offset + "-");
    }
    return client.send(request.build(), HttpResponse.BodyHandlers.ofInputStream());
  }

  @Override
  public void close() {
    client.shutdownNow();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    threads.shutdownNow();
  }
}
