package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import dev.waybill.contracts.api.CreateNetwork;
import dev.waybill.contracts.api.PullImage;
import dev.waybill.contracts.api.SetPolicy;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.workload.ImagePruneRequested;
import dev.waybill.contracts.workload.ImageRemovalRequested;
import dev.waybill.contracts.workload.NetworkWithdrawn;
import dev.waybill.contracts.workload.NodeCordonRequested;
import dev.waybill.contracts.workload.PullRequested;
import dev.waybill.contracts.workload.SyncPolicyWithdrawn;
import dev.waybill.contracts.workload.SyncRequested;
import dev.waybill.fleet.Fleet;
import dev.waybill.fleet.ImageUse;
import dev.waybill.kernel.IdSource;
import dev.waybill.platformapi.intent.Intents;
import dev.waybill.platformapi.intent.Problem;
import dev.waybill.platformapi.intent.PushNotification;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.stream.Stream;

/** /v1/images, /v1/policies, /v1/networks and /v1/nodes: what containers live from. */
final class SupplyRoutes {
  private static final Duration PULL_WAIT = Duration.ofMinutes(2);
  private static final Duration WAIT_MAX = Duration.ofMinutes(10);

  private final Intake intake;
  private final FleetProjection projection;
  private final IdSource ids;
  private final InstantSource clock;
  private final WebhookToken webhooks;

  SupplyRoutes(
      Intake intake,
      FleetProjection projection,
      IdSource ids,
      InstantSource clock,
      WebhookToken webhooks) {
    this.intake = intake;
    this.projection = projection;
    this.ids = ids;
    this.clock = clock;
    this.webhooks = webhooks;
  }

  void mount(Route route) {
    route.get(
        "/v1/images", e -> list(e, projection.now().images().values().stream().map(Views::image)));
    route.post("/v1/images/pull", this::pull);
    route.get("/v1/images/pull/:id", this::pulled);
    route.delete("/v1/images", this::removeImage);
    route.post("/v1/images/prune", this::prune);
    route.get("/v1/images/prune/:id", this::pulled);
    route.get("/v1/policies", this::policies);
    route.post(
        "/v1/policies", e -> publish(e, Intents.policy(e.body(SetPolicy.getDefaultInstance()))));
    route.delete("/v1/policies/:name", this::removePolicy);
    route.post("/v1/policies/:name/sync", this::sync);
    route.get("/v1/policies/:name/webhook", this::webhook);
    route.post(
        "/v1/policies/:name/notifications",
        e -> webhooks.admits(e.path("name"), e.token()),
        this::notified);
    route.get(
        "/v1/networks",
        e -> list(e, projection.now().networks().values().stream().map(Views::network)));
    route.post(
        "/v1/networks",
        e -> publish(e, Intents.network(e.body(CreateNetwork.getDefaultInstance()))));
    route.delete("/v1/networks/:name", this::removeNetwork);
    route.get(
        "/v1/nodes", e -> list(e, projection.now().nodes().values().stream().map(Views::node)));
    route.post("/v1/nodes/:id/cordon", e -> cordon(e, true));
    route.post("/v1/nodes/:id/uncordon", e -> cordon(e, false));
  }

  private static void list(Exchange exchange, Stream<ObjectNode> items) {
    ArrayNode list = Exchange.JSON.createArrayNode();
    items.forEach(list::add);
    exchange.answer(200, list);
  }

  private void publish(Exchange exchange, Message intent) {
    intake.take(
        exchange,
        202,
        transaction ->
            Exchange.JSON.createObjectNode().put("eventId", transaction.publish(intent)));
  }

  private void pull(Exchange exchange) {
    String requestId = ids.next().replace("-", "");
    PullRequested intent = Intents.pull(exchange.body(PullImage.getDefaultInstance()), requestId);
    intake.take(
        exchange,
        202,
        transaction ->
            Exchange.JSON
                .createObjectNode()
                .put("eventId", transaction.publish(intent))
                .put("requestId", requestId));
  }

  private void pulled(Exchange exchange) throws InterruptedException {
    String requestId = exchange.path("id");
    Fleet fleet =
        projection.await(
            f -> f.answers().containsKey(requestId), exchange.timeout(PULL_WAIT, WAIT_MAX));
    Fleet.Answer answer = fleet.answers().get(requestId);
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("done", answer != null);
    json.put("good", answer != null && answer.good());
    json.put("text", answer == null ? "" : answer.text());
    exchange.answer(200, json);
  }

  private void removeImage(Exchange exchange) {
    String reference =
        exchange
            .query("reference")
            .orElseThrow(() -> new Problem.Raised(Problem.invalid("name an image by ?reference=")));
    List<String> users = ImageUse.of(projection.now(), reference);
    if (!users.isEmpty()) {
      throw new Problem.Raised(
          Problem.conflict(
              "image '%s' is used by %s; remove that first"
                  .formatted(reference, String.join(", ", users))));
    }
    publish(exchange, ImageRemovalRequested.newBuilder().setReference(reference).build());
  }

  private void prune(Exchange exchange) {
    String requestId = ids.next().replace("-", "");
    ImagePruneRequested.Builder intent =
        ImagePruneRequested.newBuilder().setRequestId(requestId).setDryRun(exchange.flag("dryRun"));
    exchange
        .query("buildCacheOlderMs")
        .ifPresent(text -> intent.setBuildCacheOlderMs(Exchange.number("buildCacheOlderMs", text)));
    if (intent.getBuildCacheOlderMs() < 0) {
      throw new Problem.Raised(Problem.invalid("buildCacheOlderMs must be 0 or more"));
    }
    intake.take(
        exchange,
        202,
        transaction ->
            Exchange.JSON
                .createObjectNode()
                .put("eventId", transaction.publish(intent.build()))
                .put("requestId", requestId));
  }

  private void policies(Exchange exchange) {
    Fleet fleet = projection.now();
    Instant now = clock.instant();
    list(
        exchange,
        fleet.policies().values().stream()
            .map(set -> Views.policy(set, fleet.supply().syncs().get(set.getName()), now)));
  }

  /** What an upstream must know to tell us of pushes; it opens nothing else. */
  private void webhook(Exchange exchange) {
    String name =
        existing(
            exchange, "policy", projection.now().policies().containsKey(exchange.path("name")));
    exchange.answer(
        200,
        Exchange.JSON
            .createObjectNode()
            .put("path", "/v1/policies/" + name + "/notifications")
            .put("token", webhooks.of(name)));
  }

  private void notified(Exchange exchange) {
    SyncPolicySet policy = projection.now().policies().get(exchange.path("name"));
    if (policy == null) {
      throw new Problem.Raised(Problem.notFound("no policy '%s'".formatted(exchange.path("name"))));
    }
    if (!PushNotification.concerns(exchange.bodyText(), policy.getUpstream())) {
      exchange.answer(200, Exchange.JSON.createObjectNode().put("asked", false));
      return;
    }
    SyncRequested wish =
        SyncRequested.newBuilder().setName(policy.getName()).setOrigin("notification").build();
    intake.take(
        exchange,
        202,
        transaction ->
            Exchange.JSON
                .createObjectNode()
                .put("asked", true)
                .put("eventId", transaction.publish(wish)));
  }

  private void removePolicy(Exchange exchange) {
    String name =
        existing(
            exchange, "policy", projection.now().policies().containsKey(exchange.path("name")));
    publish(exchange, SyncPolicyWithdrawn.newBuilder().setName(name).build());
  }

  private void sync(Exchange exchange) {
    String name =
        existing(
            exchange, "policy", projection.now().policies().containsKey(exchange.path("name")));
    SyncPolicySet policy = projection.now().policies().get(name);
    if (policy != null && !policy.getMirror()) {
      throw new Problem.Raised(
          Problem.conflict("policy %s mirrors nothing, set it with mirror".formatted(name)));
    }
    publish(exchange, SyncRequested.newBuilder().setName(name).build());
  }

  private void removeNetwork(Exchange exchange) {
    Fleet fleet = projection.now();
    String name =
        existing(exchange, "network", fleet.networks().containsKey(exchange.path("name")));
    boolean used =
        fleet.containers().values().stream()
            .anyMatch(
                c ->
                    !c.status().isEnd()
                        && usedNetwork(c.request().getSpec().getNetwork()).equals(name));
    if (used) {
      throw new Problem.Raised(
          Problem.conflict("network %s has containers, remove them first".formatted(name)));
    }
    publish(exchange, NetworkWithdrawn.newBuilder().setName(name).build());
  }

  private static String usedNetwork(String asked) {
    return asked.isEmpty() ? "bridge" : asked;
  }

  private void cordon(Exchange exchange, boolean cordoned) {
    String id = exchange.path("id");
    if (!projection.now().nodes().containsKey(id)) {
      throw new Problem.Raised(
          Problem.notFound("no node '%s', see 'waybill node ls'".formatted(id)));
    }
    publish(exchange, NodeCordonRequested.newBuilder().setNodeId(id).setCordoned(cordoned).build());
  }

  private static String existing(Exchange exchange, String kind, boolean exists) {
    String name = exchange.path("name");
    if (!exists) {
      throw new Problem.Raised(Problem.notFound("no %s '%s'".formatted(kind, name)));
    }
    return name;
  }
}
