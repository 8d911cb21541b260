package dev.waybill.image.edge;

import dev.waybill.image.access.RequestRate;
import dev.waybill.image.access.TokenService;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import dev.waybill.image.distribution.Registry;
import dev.waybill.image.distribution.RegistryLimits;
import dev.waybill.image.distribution.Uploads;
import dev.waybill.image.quota.Quotas;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.Collector;
import dev.waybill.image.store.DiskBlobStore;
import dev.waybill.image.store.DiskCatalogJournal;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.testkit.tls.LoopbackCertificate;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/** The registry over HTTP with a store in a directory, as the service runs it. */
final class RunningRegistry implements AutoCloseable {
  static final String USER = "admin";
  static final String TOKEN = "secret";
  static final RegistryLimits LIMITS =
      new RegistryLimits(
          100, 1 << 30, Duration.ofMinutes(10), 1000, new Quotas(Map.of(), 1000, 1000));

  private final Vertx vertx = Vertx.vertx();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final RegistryServer server;
  final BlobStore store;
  final LiveCatalog catalog;
  final Collector collector;
  final Queue<Digest> suspects = new ConcurrentLinkedQueue<>();

  private RunningRegistry(
      Path data,
      BlobStore store,
      RegistryLimits limits,
      Optional<RequestRate> rate,
      Optional<TlsFiles> tls)
      throws IOException {
    InstantSource clock = InstantSource.system();
    this.store = store;
    DiskCatalogJournal journal = DiskCatalogJournal.open(data, store);
    catalog = LiveCatalog.open(journal, journal.load().catalog(), CatalogListener.none());
    Leases leases = new Leases(clock, Duration.ofMinutes(10));
    collector = new Collector(store, catalog, leases);
    Registry registry =
        new Registry(
            store,
            catalog,
            leases,
            new Uploads(store, limits, clock, () -> UUID.randomUUID().toString()),
            limits,
            ImageLimits.DEFAULT,
            suspects::add);
    server =
        RegistryServer.start(
            vertx,
            new RegistryRoutes(
                registry,
                Authenticator.single(USER, TOKEN),
                new TokenService(new byte[32], clock),
                rate,
                threads),
            "127.0.0.1",
            0,
            tls);
  }

  static RunningRegistry start(Path data) throws IOException {
    return start(data, LIMITS);
  }

  static RunningRegistry start(Path data, RegistryLimits limits) throws IOException {
    return new RunningRegistry(
        data, DiskBlobStore.open(data), limits, Optional.empty(), Optional.empty());
  }

  /** With its content elsewhere; whoever opened the store closes it. */
  static RunningRegistry start(Path data, BlobStore store) throws IOException {
    return new RunningRegistry(data, store, LIMITS, Optional.empty(), Optional.empty());
  }

  static RunningRegistry start(Path data, RequestRate rate) throws IOException {
    return new RunningRegistry(
        data, DiskBlobStore.open(data), LIMITS, Optional.of(rate), Optional.empty());
  }

  static RunningRegistry startTls(Path data, LoopbackCertificate tls) throws IOException {
    return new RunningRegistry(
        data,
        DiskBlobStore.open(data),
        LIMITS,
        Optional.empty(),
        Optional.of(new TlsFiles(tls.certificate(), tls.key())));
  }

  /** Where a store in a directory keeps content. */
  static Path fileOf(Path data, Digest digest) {
    return data.resolve("blobs/sha256").resolve(digest.hex().substring(0, 2)).resolve(digest.hex());
  }

  void reloadCertificate() {
    server.reload();
  }

  String host() {
    return "127.0.0.1:" + server.port();
  }

  URI uri() {
    return URI.create("http://" + host() + "/");
  }

  @Override
  public void close() {
    server.close();
    vertx.close().toCompletionStage().toCompletableFuture().join();
    threads.close();
  }
}
