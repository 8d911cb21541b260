package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import dev.waybill.contracts.api.RecallImage;
import dev.waybill.contracts.api.SetGatePolicy;
import dev.waybill.contracts.api.VerifyImage;
import dev.waybill.contracts.registry.ImageVerified;
import dev.waybill.contracts.workload.GatePolicyWithdrawn;
import dev.waybill.contracts.workload.RecallLiftRequested;
import dev.waybill.contracts.workload.VerifyRequested;
import dev.waybill.eventlog.EventLog;
import dev.waybill.fleet.Fleet;
import dev.waybill.kernel.Digest;
import dev.waybill.kernel.IdSource;
import dev.waybill.platformapi.intent.GateIntents;
import dev.waybill.platformapi.intent.Limits;
import dev.waybill.platformapi.intent.Problem;
import dev.waybill.platformapi.intent.ScanReport;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.format.DateTimeParseException;
import java.util.stream.Stream;

/** /v1/gates, /v1/recalls and what is asked and told about digests. */
final class GateRoutes {
  private static final Duration VERIFY_WAIT = Duration.ofMinutes(2);
  private static final Duration WAIT_MAX = Duration.ofMinutes(10);
  private static final Duration USE_DEFAULT = Duration.ofDays(30);

  private final Intake intake;
  private final FleetProjection projection;
  private final EventLog log;
  private final IdSource ids;
  private final InstantSource clock;

  GateRoutes(
      Intake intake, FleetProjection projection, EventLog log, IdSource ids, InstantSource clock) {
    this.intake = intake;
    this.projection = projection;
    this.log = log;
    this.ids = ids;
    this.clock = clock;
  }

  void mount(Route route) {
    route.get("/v1/gates", e -> list(e, projection.now().supply().gates().values().stream()));
    route.post(
        "/v1/gates",
        e -> publish(e, GateIntents.policy(e.body(SetGatePolicy.getDefaultInstance()))));
    route.delete("/v1/gates/:name", this::removeGate);
    route.post("/v1/images/verify", this::verify);
    route.get("/v1/images/verify/:id", this::verified);
    route.get("/v1/images/use", this::use);
    route.post("/v1/images/:digest/scans", Limits.REPORT_BYTES_MAX, this::scan);
    route.get("/v1/recalls", e -> list(e, projection.now().supply().recalls().values().stream()));
    route.post(
        "/v1/recalls",
        e -> publish(e, GateIntents.recall(e.body(RecallImage.getDefaultInstance()))));
    route.delete("/v1/recalls/:digest", this::lift);
  }

  private static void list(Exchange exchange, Stream<? extends Message> items) {
    ArrayNode list = Exchange.JSON.createArrayNode();
    items.map(Views::object).forEach(list::add);
    exchange.answer(200, list);
  }

  private void publish(Exchange exchange, Message intent) {
    intake.take(
        exchange,
        202,
        transaction ->
            Exchange.JSON.createObjectNode().put("eventId", transaction.publish(intent)));
  }

  private void removeGate(Exchange exchange) {
    String name = exchange.path("name");
    if (!projection.now().supply().gates().containsKey(name)) {
      throw new Problem.Raised(
          Problem.notFound("no gate '%s', see 'waybill registry gate ls'".formatted(name)));
    }
    publish(exchange, GatePolicyWithdrawn.newBuilder().setName(name).build());
  }

  private void verify(Exchange exchange) {
    String requestId = ids.next().replace("-", "");
    VerifyRequested question =
        GateIntents.verify(exchange.body(VerifyImage.getDefaultInstance()), requestId);
    intake.take(
        exchange,
        202,
        transaction ->
            Exchange.JSON
                .createObjectNode()
                .put("eventId", transaction.publish(question))
                .put("requestId", requestId));
  }

  private void verified(Exchange exchange) throws InterruptedException {
    String id = exchange.path("id");
    Fleet fleet =
        projection.await(
            f -> f.supply().verified().containsKey(id) || failed(f, id),
            exchange.timeout(VERIFY_WAIT, WAIT_MAX));
    ImageVerified answer = fleet.supply().verified().get(id);
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("done", answer != null || failed(fleet, id));
    json.put("released", answer != null && answer.getReleased());
    json.put("digest", answer == null ? "" : answer.getDigest());
    Fleet.Answer pull = fleet.answers().get(id);
    json.put("message", pull != null && failed(fleet, id) ? pull.text() : "");
    ArrayNode rules = json.putArray("rules");
    if (answer != null) {
      answer
          .getRulesList()
          .forEach(
              rule ->
                  rules
                      .addObject()
                      .put("policy", rule.getPolicy())
                      .put("rule", rule.getRule())
                      .put("passed", rule.getPassed())
                      .put("why", rule.getWhy()));
    }
    exchange.answer(200, json);
  }

  /** The image could not be had, so nothing was judged. */
  private static boolean failed(Fleet fleet, String requestId) {
    Fleet.Answer pull = fleet.answers().get(requestId);
    return pull != null && !pull.good() && !fleet.supply().verified().containsKey(requestId);
  }

  private void use(Exchange exchange) {
    String digest =
        GateIntents.digest(
            exchange
                .query("digest")
                .orElseThrow(
                    () -> new Problem.Raised(Problem.invalid("name a digest by ?digest="))));
    Instant since =
        exchange
            .query("since")
            .map(GateRoutes::instant)
            .orElseGet(() -> clock.instant().minus(USE_DEFAULT));
    exchange.answer(200, DigestUse.since(log, digest, since));
  }

  private static Instant instant(String text) {
    try {
      return Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw new Problem.Raised(
          Problem.invalid("'%s' is no time, write it like 2026-01-31T12:00:00Z".formatted(text)));
    }
  }

  private void scan(Exchange exchange) {
    String digest = GateIntents.digest(exchange.path("digest"));
    String text = exchange.bodyText();
    JsonNode report;
    try {
      report = Exchange.JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw new Problem.Raised(Problem.invalid("the report is not JSON"));
    }
    String reportDigest = Digest.of(text.getBytes(StandardCharsets.UTF_8)).toString();
    publish(exchange, ScanReport.read(report, digest, reportDigest, clock.instant()));
  }

  private void lift(Exchange exchange) {
    String digest = GateIntents.digest(exchange.path("digest"));
    if (!projection.now().supply().recalls().containsKey(digest)) {
      throw new Problem.Raised(
          Problem.notFound("%s is not recalled; GET /v1/recalls lists what is".formatted(digest)));
    }
    publish(exchange, RecallLiftRequested.newBuilder().setDigest(digest).build());
  }
}
