package dev.waybill.noderunner.edge;

import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Writer;
import dev.waybill.kernel.IdSource;
import dev.waybill.noderunner.agent.Images;
import dev.waybill.noderunner.agent.NodeAgent;
import dev.waybill.noderunner.dns.DnsServer;
import dev.waybill.noderunner.dns.Names;
import dev.waybill.noderunner.graph.GraphChoice;
import dev.waybill.noderunner.graph.GraphDrivers;
import dev.waybill.noderunner.graph.GraphKind;
import dev.waybill.noderunner.imagecache.CacheLimits;
import dev.waybill.noderunner.imagecache.Eviction;
import dev.waybill.noderunner.imagecache.EvictionLimits;
import dev.waybill.noderunner.imagecache.HttpImageSource;
import dev.waybill.noderunner.imagecache.ImageCache;
import dev.waybill.noderunner.imagecache.ImageSource;
import dev.waybill.noderunner.imagecache.NearbyImageSource;
import dev.waybill.noderunner.layer.LayerUnpacker;
import dev.waybill.noderunner.layer.UnpackLimits;
import dev.waybill.noderunner.runner.RunnerClient;
import dev.waybill.noderunner.snapshot.ContainerSnapshots;
import dev.waybill.noderunner.snapshot.LayerStore;
import dev.waybill.noderunner.volume.VolumeStore;
import dev.waybill.oci.distribution.ArrivingImages;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Locale;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Puts node-runner together and takes it apart again. */
@ApplicationScoped
public class NodeRunner {
  private static final Logger LOG = Logger.getLogger(NodeRunner.class);
  private static final Duration IMAGE_KEPT_AFTER_USE = Duration.ofMinutes(5);
  private static final Path HOST_RESOLV = Path.of("/etc/resolv.conf");

  /** Label of a node that says which graph driver its new containers get. */
  private static final String GRAPH_LABEL = "dev.waybill.graph-driver";

  private final NodeRunnerConfig config;
  private final EventLog log;
  private final Cell cell;
  private final IdSource ids;
  private final Instance<ArrivingImages> nearby;
  private final int httpPort;
  private GraphKind graph = GraphKind.OVERLAY;
  private @Nullable NodeAgent agent;
  private @Nullable RunnerClient runner;
  private @Nullable HttpImageSource source;
  private @Nullable DnsServer dns;

  @Inject
  NodeRunner(
      NodeRunnerConfig config,
      EventLog log,
      Cell cell,
      IdSource ids,
      Instance<ArrivingImages> nearby,
      @ConfigProperty(name = "quarkus.http.port") int httpPort) {
    this.config = config;
    this.log = log;
    this.cell = cell;
    this.ids = ids;
    this.nearby = nearby;
    this.httpPort = httpPort;
  }

  void start(@Observes StartupEvent event, Router router) {
    if (!config.enabled()) {
      return;
    }
    LOG.infof("node layers-inflated-by=%s", LayerUnpacker.inflater());
    try {
      agent = compose();
      new StreamEndpoints(agent, token()).mount(router);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start the node", e);
    }
  }

  /** Where no other registry is named, the platform's may be in this process. */
  private ImageSource arriving(HttpImageSource images) {
    return config.registry().isEmpty() && nearby.isResolvable()
        ? new NearbyImageSource(nearby.get(), images.whileArriving())
        : images.whileArriving();
  }

  private NodeAgent compose() throws IOException {
    var client = new RunnerClient(config.runnerSocket());
    runner = client;
    var images =
        new HttpImageSource(
            URI.create(config.registry().orElse(ownAddress())),
            "admin",
            token(),
            CacheLimits.DEFAULT);
    source = images;
    Path store = Files.createDirectories(config.dataDirectory().resolve("store"));
    LayerStore layers = LayerStore.open(store);
    graph = chooseGraph(layers);
    ContainerSnapshots snapshots =
        ContainerSnapshots.open(store, layers, new GraphDrivers(graph, LOG::error));
    ImageCache cache =
        ImageCache.open(
            store,
            images,
            arriving(images),
            layers,
            new LayerUnpacker(UnpackLimits.DEFAULT),
            CacheLimits.DEFAULT);
    var names = new Names();
    var server = new DnsServer(names, nameServers(), LOG::warn);
    dns = server;
    return new NodeAgent(
        new NodeAgent.Setup(
            nodeId(),
            cell,
            log,
            InstantSource.system(),
            ids,
            client,
            new Images(
                cache,
                snapshots,
                new VolumeStore(config.dataDirectory().resolve("volumes")),
                eviction(cache, snapshots, store)),
            server,
            names,
            config.dataDirectory(),
            config.instance(),
            this::complete,
            NodeRunner::failed));
  }

  private GraphKind chooseGraph(LayerStore layers) throws IOException {
    GraphChoice choice;
    try {
      choice = GraphChoice.at(layers.temporary(), config.graphDriver().map(GraphKind::of));
    } catch (IllegalArgumentException e) {
      throw new IOException("waybill.node-runner.graph-driver: " + e.getMessage(), e);
    }
    if (choice.reason().isEmpty()) {
      LOG.infof("node graph-driver=%s", choice.kind().word());
    } else {
      LOG.warnf("node graph-driver=%s because %s", choice.kind().word(), choice.reason());
    }
    return choice.kind();
  }

  private Eviction eviction(ImageCache cache, ContainerSnapshots snapshots, Path store)
      throws IOException {
    FileStore disk = Files.getFileStore(store);
    var asked =
        new Eviction.Disk() {
          @Override
          public long totalBytes() throws IOException {
            return disk.getTotalSpace();
          }

          @Override
          public long freeBytes() throws IOException {
            return disk.getUsableSpace();
          }
        };
    var limits =
        new EvictionLimits(
            config.imageHighPercent(), config.imageLowPercent(), IMAGE_KEPT_AFTER_USE);
    return new Eviction(cache, snapshots, asked, limits, InstantSource.system());
  }

  /**
   * A broken writer ends the process. Whoever supervises it starts it anew, and what is on the log
   * then tells which reports came through; containers run on meanwhile.
   */
  private static void failed(String part, Throwable error) {
    LOG.errorf(error, "node part=%s failed", part);
    if (error instanceof Writer.BrokenException) {
      Quarkus.asyncExit(1);
    }
  }

  private NodeRegistered.Builder complete(NodeRegistered.Builder registered) {
    registered
        .setHostname(hostname())
        .setEndpoint(config.endpoint().orElse(ownAddress()))
        .setArchitecture(architecture())
        .putLabels(GRAPH_LABEL, graph.word())
        .putAllLabels(config.labels());
    registered.getCapacityBuilder().setPids(config.pidsMax());
    return registered;
  }

  private String ownAddress() {
    return "http://127.0.0.1:" + httpPort;
  }

  private String nodeId() {
    return config.id().orElseGet(NodeRunner::hostname);
  }

  private static String hostname() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException e) {
      LOG.debugf(e, "host name doesn't resolve");
      return "localhost";
    }
  }

  private static String architecture() {
    String java = System.getProperty("os.arch").toLowerCase(Locale.ROOT);
    return switch (java) {
      case "amd64", "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> java;
    };
  }

  private List<InetSocketAddress> nameServers() throws IOException {
    List<String> servers = config.dns().isPresent() ? config.dns().get() : hostNameServers();
    return servers.stream().map(server -> new InetSocketAddress(server, 53)).toList();
  }

  private static List<String> hostNameServers() throws IOException {
    if (!Files.exists(HOST_RESOLV)) {
      return List.of();
    }
    try (var lines = Files.lines(HOST_RESOLV)) {
      return lines
          .filter(line -> line.startsWith("nameserver "))
          .map(line -> line.substring("nameserver ".length()).strip())
          .toList();
    }
  }

  private String token() throws IOException {
    return Files.readString(config.tokenFile()).strip();
  }

  void stop(@Observes ShutdownEvent event) {
    if (agent != null) {
      agent.close();
    }
    if (dns != null) {
      dns.close();
    }
    if (source != null) {
      source.close();
    }
    if (runner != null) {
      runner.close();
    }
  }
}
