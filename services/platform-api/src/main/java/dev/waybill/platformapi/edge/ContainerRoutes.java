package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import dev.waybill.contracts.api.Kill;
import dev.waybill.contracts.api.RunContainer;
import dev.waybill.contracts.api.Stop;
import dev.waybill.contracts.workload.RemoveRequested;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.contracts.workload.SignalRequested;
import dev.waybill.contracts.workload.StartRequested;
import dev.waybill.contracts.workload.StopRequested;
import dev.waybill.eventlog.EventIds;
import dev.waybill.fleet.ContainerView;
import dev.waybill.fleet.ContainerView.Status;
import dev.waybill.fleet.Fleet;
import dev.waybill.kernel.IdSource;
import dev.waybill.platformapi.intent.Intents;
import dev.waybill.platformapi.intent.Problem;
import java.sql.Timestamp;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** /v1/containers */
final class ContainerRoutes {
  private static final Duration WAIT_DEFAULT = Duration.ofSeconds(30);
  private static final Duration WAIT_MAX = Duration.ofMinutes(10);
  private static final Duration APPEARS_WITHIN = Duration.ofSeconds(10);

  private final Intake intake;
  private final FleetProjection projection;
  private final IdSource ids;

  ContainerRoutes(Intake intake, FleetProjection projection, IdSource ids) {
    this.intake = intake;
    this.projection = projection;
    this.ids = ids;
  }

  void mount(Route route) {
    route.post("/v1/containers", this::run);
    route.get("/v1/containers", this::list);
    route.get("/v1/containers/:id", e -> e.answer(200, Views.container(find(e))));
    route.delete("/v1/containers/:id", this::remove);
    route.post("/v1/containers/:id/stop", this::stop);
    route.post("/v1/containers/:id/start", this::start);
    route.post("/v1/containers/:id/kill", this::kill);
    route.get("/v1/containers/:id/wait", this::await);
  }

  private void run(Exchange exchange) {
    RunContainer body = exchange.body(RunContainer.getDefaultInstance());
    // Hashed, so that short forms of ids made in the same minute differ.
    String id = EventIds.derivedHex("container", ids.next());
    RunRequested intent = Intents.run(body, id);
    intake.take(
        exchange,
        201,
        transaction -> {
          transaction.update(
              "insert into platform_api.container_intent (id, namespace, name, requested)"
                  + " values (?, ?, ?, ?)",
              id,
              intent.getNamespace(),
              intent.getName(),
              Timestamp.from(transaction.now()));
          ObjectNode answer = accepted(transaction.publish(intent));
          answer.put("id", id);
          answer.put("name", intent.getName());
          return answer;
        });
  }

  private static ObjectNode accepted(String eventId) {
    ObjectNode answer = Exchange.JSON.createObjectNode();
    answer.put("eventId", eventId);
    return answer;
  }

  private void list(Exchange exchange) {
    boolean all = exchange.flag("all");
    String workload = exchange.query("workload").orElse("");
    ArrayNode list = Exchange.JSON.createArrayNode();
    projection.now().containers().values().stream()
        .filter(c -> all || !c.status().isEnd())
        .filter(c -> workload.isEmpty() || c.request().getWorkload().equals(workload))
        .sorted(Comparator.comparing(ContainerView::createdAt).thenComparing(ContainerView::id))
        .map(Views::container)
        .forEach(list::add);
    exchange.answer(200, list);
  }

  /** The one container that the path names. */
  ContainerView find(Exchange exchange) throws InterruptedException {
    String text = exchange.path("id");
    List<ContainerView> found = projection.now().find(text);
    if (found.isEmpty()) {
      found = findAccepted(text);
    }
    if (found.isEmpty()) {
      throw new Problem.Raised(
          Problem.notFound(
              "no container '%s', see 'waybill ps -a' for those that exist".formatted(text)));
    }
    if (found.size() > 1) {
      throw new Problem.Raised(
          Problem.conflict(
              "'%s' names %d containers, give more of the id".formatted(text, found.size())));
    }
    return found.getFirst();
  }

  /** What was accepted a moment ago is intent already, though the log hasn't shown it to us yet. */
  private List<ContainerView> findAccepted(String text) throws InterruptedException {
    Optional<String> id = intake.containerId(text);
    return id.isEmpty()
        ? List.of()
        : projection
            .await(f -> f.containers().containsKey(id.get()), APPEARS_WITHIN)
            .find(id.get());
  }

  private void stop(Exchange exchange) throws InterruptedException {
    Stop body = exchange.body(Stop.getDefaultInstance());
    String id = find(exchange).id();
    publish(
        exchange,
        StopRequested.newBuilder().setContainerId(id).setGraceMs(body.getGraceMs()).build());
  }

  private void start(Exchange exchange) throws InterruptedException {
    String id = find(exchange).id();
    publish(exchange, StartRequested.newBuilder().setContainerId(id).build());
  }

  private void kill(Exchange exchange) throws InterruptedException {
    Kill body = exchange.body(Kill.getDefaultInstance());
    ContainerView container = find(exchange);
    if (container.status() != Status.RUNNING && container.status() != Status.STOPPING) {
      throw new Problem.Raised(
          Problem.conflict(
              "container %s is %s, only a running one can get a signal"
                  .formatted(container.name(), container.status().word())));
    }
    String signal = body.getSignal().isEmpty() ? "SIGKILL" : body.getSignal();
    publish(
        exchange,
        SignalRequested.newBuilder().setContainerId(container.id()).setSignal(signal).build());
  }

  private void remove(Exchange exchange) throws InterruptedException {
    ContainerView container = find(exchange);
    boolean force = exchange.flag("force");
    if (!force && !container.status().isEnd()) {
      throw new Problem.Raised(
          Problem.conflict(
              "container %s is %s, stop it first or use --force"
                  .formatted(container.name(), container.status().word())));
    }
    publish(
        exchange,
        RemoveRequested.newBuilder().setContainerId(container.id()).setForce(force).build());
  }

  private void publish(Exchange exchange, Message intent) {
    intake.take(exchange, 202, transaction -> accepted(transaction.publish(intent)));
  }

  private static final Map<String, Predicate<ContainerView>> CONDITIONS =
      Map.of(
          "started", c -> c.run().number() > 0 || c.status().isEnd(),
          "running", c -> c.status() == Status.RUNNING || c.status().isEnd(),
          "ended", c -> c.status().isEnd());

  private void await(Exchange exchange) throws InterruptedException {
    String until = exchange.query("until").orElse("ended");
    Duration timeout = exchange.timeout(WAIT_DEFAULT, WAIT_MAX);
    Optional<ContainerView> before =
        Optional.ofNullable(projection.now().gone().get(exchange.path("id")));
    if (before.isPresent()) {
      exchange.answer(200, Views.container(before.get()).put("status", "removed"));
      return;
    }
    ContainerView first = find(exchange);
    Fleet fleet;
    if (until.equals("removed")) {
      fleet = projection.await(f -> !f.containers().containsKey(first.id()), timeout);
    } else {
      Predicate<ContainerView> condition = CONDITIONS.get(until);
      if (condition == null) {
        throw new Problem.Raised(
            Problem.invalid(
                "until '%s' is none of started, running, ended, removed".formatted(until)));
      }
      fleet =
          projection.await(
              f -> {
                ContainerView c = f.containers().get(first.id());
                return c == null || condition.test(c);
              },
              timeout);
    }
    ContainerView last = fleet.containers().get(first.id());
    if (last == null) {
      ContainerView gone = fleet.gone().getOrDefault(first.id(), first);
      exchange.answer(200, Views.container(gone).put("status", "removed"));
    } else {
      exchange.answer(200, Views.container(last));
    }
  }
}
