package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.api.ApplyWorkload;
import dev.waybill.contracts.api.Scale;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.fleet.Fleet;
import dev.waybill.fleet.WorkloadView;
import dev.waybill.kernel.Digest;
import dev.waybill.platformapi.edge.IntentStore.Transaction;
import dev.waybill.platformapi.intent.Intents;
import dev.waybill.platformapi.intent.Problem;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Optional;

/** /v1/workloads */
final class WorkloadRoutes {
  private static final Duration WAIT_DEFAULT = Duration.ofMinutes(1);
  private static final Duration WAIT_MAX = Duration.ofMinutes(10);

  private final Intake intake;
  private final FleetProjection projection;

  WorkloadRoutes(Intake intake, FleetProjection projection) {
    this.intake = intake;
    this.projection = projection;
  }

  void mount(Route route) {
    route.post("/v1/workloads", this::apply);
    route.get("/v1/workloads", this::list);
    route.get("/v1/workloads/:name", this::get);
    route.get("/v1/workloads/:name/wait", this::await);
    route.delete("/v1/workloads/:name", this::remove);
    route.post("/v1/workloads/:name/scale", this::scale);
  }

  private void apply(Exchange exchange) {
    ApplyWorkload body = exchange.body(ApplyWorkload.getDefaultInstance());
    WorkloadApplied wanted = Intents.apply(body, 1);
    boolean dryRun = exchange.flag("dryRun");
    intake.take(exchange, 200, transaction -> apply(transaction, wanted, dryRun));
  }

  /** Applying what is already so changes nothing, and says so. */
  private static ObjectNode apply(Transaction transaction, WorkloadApplied wanted, boolean dryRun)
      throws SQLException {
    // The number of replicas is no part of the version: a scale must not restart anything.
    WorkloadApplied version = wanted.toBuilder().clearReplicas().build();
    String digest = Digest.of(EventCatalog.encode(version)).toString();
    Optional<String> before =
        transaction.find(
            "select revision || ' ' || replicas || ' ' || spec_digest || ' ' || removed"
                + " from platform_api.workload_intent where namespace = ? and name = ? for update",
            wanted.getNamespace(),
            wanted.getName());
    String[] row =
        before.map(text -> text.split(" ", -1)).orElse(new String[] {"0", "0", "", "true"});
    boolean exists = row[3].equals("false");
    boolean sameVersion = exists && row[2].equals(digest);
    boolean sameNumber = exists && Integer.parseInt(row[1]) == wanted.getReplicas();
    int revision = Integer.parseInt(row[0]) + (sameVersion ? 0 : 1);
    String change =
        !exists ? "created" : sameVersion ? sameNumber ? "unchanged" : "scaled" : "updated";
    ObjectNode answer = Exchange.JSON.createObjectNode();
    answer.put("name", wanted.getName());
    answer.put("namespace", wanted.getNamespace());
    answer.put("revision", revision);
    answer.put("change", change);
    if (dryRun || change.equals("unchanged")) {
      return answer;
    }
    transaction.update(
        "insert into platform_api.workload_intent"
            + " (namespace, name, revision, replicas, spec_digest, removed)"
            + " values (?, ?, ?, ?, ?, false) on conflict (namespace, name) do update set"
            + " revision = excluded.revision, replicas = excluded.replicas,"
            + " spec_digest = excluded.spec_digest, removed = false",
        wanted.getNamespace(),
        wanted.getName(),
        revision,
        wanted.getReplicas(),
        digest);
    answer.put("eventId", transaction.publish(wanted.toBuilder().setRevision(revision).build()));
    return answer;
  }

  private void list(Exchange exchange) {
    Fleet fleet = projection.now();
    ArrayNode list = Exchange.JSON.createArrayNode();
    fleet.workloads().values().stream()
        .filter(workload -> !workload.removed())
        .map(workload -> Views.workload(workload, fleet))
        .forEach(list::add);
    exchange.answer(200, list);
  }

  private void get(Exchange exchange) {
    Fleet fleet = projection.now();
    exchange.answer(200, Views.workload(find(exchange, fleet), fleet));
  }

  private static WorkloadView find(Exchange exchange, Fleet fleet) {
    String key = exchange.namespace() + "/" + exchange.path("name");
    return fleet.workload(key).orElseThrow(() -> new Problem.Raised(missing(exchange)));
  }

  private static Problem missing(Exchange exchange) {
    return Problem.notFound(
        "no workload '%s' in namespace %s, see 'waybill get' for those that exist"
            .formatted(exchange.path("name"), exchange.namespace()));
  }

  /** Waits until a revision (from the query, default: any) runs in full. */
  private void await(Exchange exchange) throws InterruptedException {
    String key = exchange.namespace() + "/" + exchange.path("name");
    long revision = Exchange.number("revision", exchange.query("revision").orElse("0"));
    Fleet fleet =
        projection.await(
            f ->
                f.workload(key)
                    .map(
                        w ->
                            w.settledRevision() == w.applied().getRevision()
                                && w.applied().getRevision() >= revision)
                    .orElse(false),
            exchange.timeout(WAIT_DEFAULT, WAIT_MAX));
    exchange.answer(200, Views.workload(find(exchange, fleet), fleet));
  }

  private void scale(Exchange exchange) {
    Scale body = exchange.body(Scale.getDefaultInstance());
    String namespace = exchange.namespace();
    String name = exchange.path("name");
    WorkloadScaled intent = Intents.scale(body, namespace, name);
    intake.take(
        exchange,
        202,
        transaction -> {
          existing(
              exchange,
              transaction.update(
                  "update platform_api.workload_intent set replicas = ?"
                      + " where namespace = ? and name = ? and not removed",
                  intent.getReplicas(),
                  namespace,
                  name));
          return Exchange.JSON.createObjectNode().put("eventId", transaction.publish(intent));
        });
  }

  private void remove(Exchange exchange) {
    String namespace = exchange.namespace();
    String name = exchange.path("name");
    intake.take(
        exchange,
        202,
        transaction -> {
          existing(
              exchange,
              transaction.update(
                  "update platform_api.workload_intent set removed = true, replicas = 0"
                      + " where namespace = ? and name = ? and not removed",
                  namespace,
                  name));
          var intent = WorkloadRemoved.newBuilder().setNamespace(namespace).setName(name).build();
          return Exchange.JSON.createObjectNode().put("eventId", transaction.publish(intent));
        });
  }

  private static void existing(Exchange exchange, int rows) {
    if (rows == 0) {
      throw new Problem.Raised(missing(exchange));
    }
  }
}
