package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.contracts.workload.NetworkDeclared;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.outbox.OutboxRelay;
import dev.waybill.eventlog.outbox.OutboxTable;
import dev.waybill.kernel.IdSource;
import dev.waybill.platformapi.edge.IntentStore.Asker;
import io.agroal.api.AgroalDataSource;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.core.Vertx;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Puts the API together and takes it apart again. */
@ApplicationScoped
public class PlatformApi {
  private static final Logger LOG = Logger.getLogger(PlatformApi.class);

  private final PlatformApiConfig config;
  private final EventLog log;
  private final Cell cell;

  /** Opened only where the API is on: other services run without a database. */
  private final Instance<AgroalDataSource> database;

  private final IdSource ids;
  private final Vertx vertx;
  private final String databaseUrl;
  private final String databaseUser;
  private final String databasePassword;
  private @Nullable NameRelease names;
  private @Nullable IntentStore store;
  private @Nullable FleetProjection projection;
  private @Nullable OutboxRelay relay;
  private @Nullable StreamRoutes streams;

  @Inject
  PlatformApi(
      PlatformApiConfig config,
      EventLog log,
      Cell cell,
      Instance<AgroalDataSource> database,
      IdSource ids,
      Vertx vertx,
      @ConfigProperty(name = "quarkus.datasource.jdbc.url") String databaseUrl,
      @ConfigProperty(name = "quarkus.datasource.username") String databaseUser,
      @ConfigProperty(name = "quarkus.datasource.password", defaultValue = "none")
          String databasePassword) {
    this.config = config;
    this.log = log;
    this.cell = cell;
    this.database = database;
    this.ids = ids;
    this.vertx = vertx;
    this.databaseUrl = databaseUrl;
    this.databaseUser = databaseUser;
    this.databasePassword = databasePassword;
  }

  void start(@Observes StartupEvent event, Router router) {
    if (!config.enabled()) {
      return;
    }
    store = new IntentStore(database.get(), source(), InstantSource.system(), ids);
    names = new NameRelease(store, log);
    projection = new FleetProjection(log, names::see, error -> die("read model", error));
    relay = new OutboxRelay(log, source(), table(), error -> die("outbox relay", error));
    var intake = new Intake(store);
    String token = secret(config.tokenFile());
    var route = new Route(router, token);
    var containers = new ContainerRoutes(intake, projection, ids);
    containers.mount(route);
    new WorkloadRoutes(intake, projection).mount(route);
    new SupplyRoutes(intake, projection, ids, InstantSource.system(), new WebhookToken(token))
        .mount(route);
    new GateRoutes(intake, projection, log, ids, InstantSource.system()).mount(route);
    new EventRoutes(log).mount(route);
    streams =
        new StreamRoutes(
            vertx,
            containers,
            projection,
            secret(config.nodeTokenFile().orElse(config.tokenFile())));
    streams.mount(route);
    route.get("/v1/status", e -> e.answer(200, status()));
    router.get("/openapi.yaml").handler(context -> context.response().end(openApi()));
    declareDefaultNetwork();
  }

  private String source() {
    return cell.source("platform-api");
  }

  private OutboxTable table() {
    URI url = URI.create(databaseUrl.substring("jdbc:".length()));
    return new OutboxTable(
        url.getHost(),
        url.getPort(),
        url.getPath().substring(1),
        databaseUser,
        databasePassword,
        "platform_api",
        config.slot(),
        config.dataDirectory().resolve("outbox-offsets"));
  }

  private static String secret(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the token file " + file, e);
    }
  }

  /** Where the platform itself declares the default network, it does so once. */
  private void declareDefaultNetwork() {
    IntentStore open = store;
    if (open == null || config.defaultSubnet().isEmpty()) {
      return;
    }
    var bridge =
        NetworkDeclared.newBuilder()
            .setName("bridge")
            .setSubnet(config.defaultSubnet().get())
            .build();
    open.transact(
        new Asker("system/platform-api", null),
        transaction -> {
          int added =
              transaction.update(
                  "insert into platform_api.named_intent (kind, name, body) values (?, ?, ?)"
                      + " on conflict do nothing",
                  "network",
                  "bridge",
                  bridge.toByteArray());
          return added == 1 ? transaction.publish(bridge) : "";
        });
  }

  private ObjectNode status() {
    FleetProjection fold = projection;
    if (fold == null) {
      throw new IllegalStateException("asked before the start");
    }
    return StatusReport.of(cell.name(), fold.now(), fold.lag());
  }

  private static String openApi() {
    try (InputStream in =
        PlatformApi.class.getResourceAsStream("/dev/waybill/contracts/openapi.yaml")) {
      if (in == null) {
        throw new IllegalStateException("the contracts lack openapi.yaml");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read openapi.yaml", e);
    }
  }

  /** A service that lost a part of itself ends as a whole: whoever supervises it starts it anew. */
  private static void die(String part, Throwable error) {
    LOG.errorf(error, "%s ended, shutting down", part);
    Quarkus.asyncExit(1);
  }

  void stop(@Observes ShutdownEvent event) {
    if (names != null) {
      names.close();
    }
    if (relay != null) {
      relay.close();
    }
    if (projection != null) {
      projection.close();
    }
    if (streams != null) {
      streams.close();
    }
  }
}
