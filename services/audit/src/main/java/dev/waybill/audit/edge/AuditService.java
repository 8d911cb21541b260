package dev.waybill.audit.edge;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.audit.history.History;
import dev.waybill.eventlog.EventJson;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.decider.Replay;
import dev.waybill.eventlog.decider.Replayable;
import dev.waybill.fleet.ContainerView;
import dev.waybill.fleet.Fleet;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Instance;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** /v1/audit */
@ApplicationScoped
public class AuditService {
  private static final Logger LOG = Logger.getLogger(AuditService.class);
  private static final ObjectMapper JSON = new ObjectMapper();

  private final EventLog log;
  private final Instance<Replayable<?>> deciders;
  private final boolean enabled;
  private final Path tokenFile;
  private final Optional<URI> collector;
  private @Nullable LogFollower follower;

  @Inject
  AuditService(
      EventLog log,
      Instance<Replayable<?>> deciders,
      @ConfigProperty(name = "waybill.audit.enabled", defaultValue = "true") boolean enabled,
      @ConfigProperty(name = "waybill.platform-api.token-file") Path tokenFile,
      @ConfigProperty(name = "waybill.otlp.endpoint") Optional<URI> collector) {
    this.log = log;
    this.deciders = deciders;
    this.enabled = enabled;
    this.tokenFile = tokenFile;
    this.collector = collector;
  }

  /** A question that can't be answered as it was asked. */
  private static final class Refused extends RuntimeException {
    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private interface Question {
    Object answer(RoutingContext context);
  }

  void start(@Observes StartupEvent event, Router router) {
    if (!enabled) {
      return;
    }
    byte[] token = token();
    get(router, token, "/v1/audit/timeline", this::timeline);
    get(router, token, "/v1/audit/why", this::why);
    get(router, token, "/v1/audit/state", this::state);
    get(router, token, "/v1/audit/replay", context -> replay());
    var following = new LogFollower(log, collector);
    follower = following;
    router.get("/metrics").handler(context -> metrics(context, token, following));
  }

  void stop(@Observes ShutdownEvent event) {
    if (follower != null) {
      follower.close();
    }
  }

  private static void metrics(RoutingContext context, byte[] token, LogFollower follower) {
    if (authenticated(context, token)) {
      context
          .response()
          .putHeader("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
          .end(follower.metrics());
    } else {
      refuse(context, 401, "send the header 'Authorization: Bearer TOKEN'");
    }
  }

  private byte[] token() {
    try {
      return Files.readString(tokenFile).strip().getBytes(StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the token file " + tokenFile, e);
    }
  }

  private static void get(Router router, byte[] token, String path, Question question) {
    router
        .get(path)
        .handler(
            context -> {
              if (authenticated(context, token)) {
                Thread.ofVirtual().name("audit " + path).start(() -> answer(context, question));
              } else {
                refuse(context, 401, "send the header 'Authorization: Bearer TOKEN'");
              }
            });
  }

  private static boolean authenticated(RoutingContext context, byte[] token) {
    String header = context.request().getHeader("Authorization");
    String given = header != null && header.startsWith("Bearer ") ? header.substring(7) : "";
    return MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8));
  }

  private static void answer(RoutingContext context, Question question) {
    try {
      String json = question.answer(context).toString();
      context.response().putHeader("Content-Type", "application/json").end(json);
    } catch (Refused e) {
      refuse(context, e.status, String.valueOf(e.getMessage()));
    } catch (RuntimeException e) {
      LOG.errorf(e, "audit failed path=%s", context.request().path());
      refuse(context, 500, String.valueOf(e.getMessage()));
    }
  }

  private static void refuse(RoutingContext context, int status, String detail) {
    ObjectNode problem = JSON.createObjectNode();
    problem.put("title", "audit").put("status", status).put("detail", detail);
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/problem+json")
        .end(problem.toString());
  }

  private static String required(RoutingContext context, String name) {
    return Optional.ofNullable(context.request().getParam(name))
        .filter(text -> !text.isEmpty())
        .orElseThrow(() -> new Refused(400, "the query needs " + name));
  }

  private String timeline(RoutingContext context) {
    History history = new LogReader(log).history();
    return events(history.timeline(subject(history, context)));
  }

  private String why(RoutingContext context) {
    History history = new LogReader(log).history();
    return events(history.why(subject(history, context)));
  }

  private static String subject(History history, RoutingContext context) {
    String asked = required(context, "subject");
    return history
        .subject(asked)
        .orElseThrow(() -> new Refused(404, "nothing on the log is about '" + asked + "'"));
  }

  private static String events(List<Recorded> events) {
    return "[" + String.join(",", events.stream().map(EventJson::of).toList()) + "]";
  }

  private ArrayNode state(RoutingContext context) {
    String at = required(context, "at");
    Fleet fleet;
    try {
      fleet = new LogReader(log).history().stateAt(Instant.parse(at));
    } catch (DateTimeParseException e) {
      throw new Refused(400, "'" + at + "' is no time, write it like 2026-01-31T12:00:00Z");
    }
    String kind = Optional.ofNullable(context.request().getParam("kind")).orElse("containers");
    return switch (kind) {
      case "containers" -> containers(fleet);
      case "workloads" -> workloads(fleet);
      case "nodes" -> nodes(fleet);
      default -> throw new Refused(400, "kind must be containers, workloads or nodes");
    };
  }

  private static ArrayNode containers(Fleet fleet) {
    ArrayNode list = JSON.createArrayNode();
    for (ContainerView c : fleet.containers().values()) {
      list.addObject()
          .put("id", c.id())
          .put("name", c.name())
          .put("workload", c.request().getWorkload())
          .put("status", c.status().word())
          .put("image", c.request().getSpec().getImage())
          .put("imageDigest", c.imageDigest())
          .put("node", c.node())
          .put("address", c.address())
          .put("planDigest", c.run().planDigest())
          .put("actor", c.actor());
    }
    return list;
  }

  private static ArrayNode workloads(Fleet fleet) {
    ArrayNode list = JSON.createArrayNode();
    fleet.workloads().values().stream()
        .filter(workload -> !workload.removed())
        .forEach(
            w ->
                list.addObject()
                    .put("name", w.applied().getName())
                    .put(
                        "status", w.replicas() + " replicas, revision " + w.applied().getRevision())
                    .put("image", w.applied().getSpec().getImage())
                    .put("node", "")
                    .put("address", ""));
    return list;
  }

  private static ArrayNode nodes(Fleet fleet) {
    ArrayNode list = JSON.createArrayNode();
    fleet
        .nodes()
        .values()
        .forEach(
            n ->
                list.addObject()
                    .put("name", n.registered().getNodeId())
                    .put("status", n.status())
                    .put("image", "")
                    .put("node", n.registered().getNodeId())
                    .put("address", n.registered().getEndpoint()));
    return list;
  }

  private ArrayNode replay() {
    ArrayNode outcomes = JSON.createArrayNode();
    deciders.stream()
        .sorted(Comparator.comparing(replayable -> replayable.decider().name()))
        .forEach(replayable -> describe(replayable.replay(log), outcomes.addObject()));
    return outcomes;
  }

  private static void describe(Replay.Outcome outcome, ObjectNode json) {
    switch (outcome) {
      case Replay.Outcome.Agrees(var decider, var events, var inputs, var hashes, var hash) ->
          json.put("decider", decider)
              .put("agrees", true)
              .put("events", events)
              .put("inputs", inputs)
              .put("hashes", hashes)
              .put("stateHash", hash.toString());
      case Replay.Outcome.Diverges(var decider, var sequence, var decided, var recorded) ->
          json.put("decider", decider)
              .put("agrees", false)
              .put("sequence", sequence)
              .put("decided", decided)
              .put("recorded", recorded);
    }
  }
}
