package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.Message;
import dev.waybill.contracts.network.NetworkCreated;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.eventlog.EventJson;
import dev.waybill.fleet.ContainerView;
import dev.waybill.fleet.Fleet;
import dev.waybill.fleet.ImageView;
import dev.waybill.fleet.NodeView;
import dev.waybill.fleet.SyncStatus;
import dev.waybill.fleet.WorkloadView;
import java.time.Duration;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/** The fleet's parts as JSON: stable names, no internal ones. */
final class Views {
  private Views() {}

  static ObjectNode container(ContainerView c) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("id", c.id());
    json.put("name", c.name());
    json.put("namespace", c.request().getNamespace());
    json.put("workload", c.request().getWorkload());
    json.put("revision", c.request().getRevision());
    json.put("slot", c.request().getSlot());
    json.put("attempt", c.request().getAttempt());
    json.put("replaces", c.request().getReplaces());
    json.put("image", c.request().getSpec().getImage());
    json.put("imageDigest", c.imageDigest());
    json.put("status", c.status().word());
    json.put("message", c.message());
    json.put("health", c.run().health());
    json.put("node", c.node());
    json.put("address", c.address());
    json.put("pid", c.run().pid());
    json.put("starts", c.run().number());
    if (c.run().exitCode() == null) {
      json.putNull("exitCode");
    } else {
      json.put("exitCode", c.run().exitCode());
    }
    json.put("signal", c.run().signal());
    json.put("oomKilled", c.run().oomKilled());
    json.put("planDigest", c.run().planDigest());
    json.put("createdAt", c.createdAt().toString());
    json.put("startedAt", time(c.run().startedAt()));
    json.put("finishedAt", time(c.run().finishedAt()));
    json.put("actor", c.actor());
    json.put("correlationId", c.correlationId());
    json.set("spec", message(c.request().getSpec()));
    return json;
  }

  private static String time(@Nullable Instant instant) {
    return instant == null ? "" : instant.toString();
  }

  static ObjectNode workload(WorkloadView w, Fleet fleet) {
    long ready =
        fleet.containers().values().stream()
            .filter(
                c -> (c.request().getNamespace() + "/" + c.request().getWorkload()).equals(w.key()))
            .filter(c -> c.status() == ContainerView.Status.RUNNING)
            .filter(c -> c.run().health().isEmpty() || c.run().health().equals("healthy"))
            .count();
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("name", w.applied().getName());
    json.put("namespace", w.applied().getNamespace());
    json.put("project", w.applied().getProject());
    json.put("revision", w.applied().getRevision());
    json.put("replicas", w.replicas());
    json.put("ready", ready);
    json.put("settled", w.settledRevision() == w.applied().getRevision());
    json.put("image", w.applied().getSpec().getImage());
    json.put("appliedAt", w.appliedAt().toString());
    json.put("actor", w.actor());
    ArrayNode dependsOn = json.putArray("dependsOn");
    w.applied().getDependsOnList().forEach(dependsOn::add);
    json.set("spec", message(w.applied().getSpec()));
    return json;
  }

  static ObjectNode node(NodeView n) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("id", n.registered().getNodeId());
    json.put("hostname", n.registered().getHostname());
    json.put("status", n.status());
    json.put("cordoned", n.cordoned());
    json.put("cpuMillis", n.registered().getCapacity().getCpuMillis());
    json.put("memoryBytes", n.registered().getCapacity().getMemoryBytes());
    json.put("pids", n.registered().getCapacity().getPids());
    json.put("kernel", n.registered().getKernel());
    json.put("architecture", n.registered().getArchitecture());
    json.put("cgroups", n.registered().getCgroups());
    ArrayNode lacks = json.putArray("lacks");
    n.registered().getLacksList().forEach(lacks::add);
    json.put("registeredAt", n.registeredAt().toString());
    return json;
  }

  static ObjectNode image(ImageView i) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("reference", i.reference());
    json.put("digest", i.digest());
    json.put("sizeBytes", i.sizeBytes());
    json.put("layers", i.layers());
    json.put("since", i.since().toString());
    return json;
  }

  static ObjectNode network(NetworkCreated n) {
    return object(n);
  }

  static ObjectNode policy(SyncPolicySet p, @Nullable SyncStatus status, Instant now) {
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("name", p.getName());
    json.put("version", p.getVersion());
    json.put("upstream", p.getUpstream());
    json.put("tags", p.getTags());
    json.put("intervalMs", p.getIntervalMs());
    json.put("mirror", p.getMirror());
    json.put("namespace", p.getNamespace());
    json.put("pullThrough", p.getPullThrough());
    json.put("prune", p.getPrune());
    json.put("pruneGraceMs", p.getPruneGraceMs());
    json.put("bytesPerSecond", p.getBytesPerSecond());
    p.getPlatformsList().forEach(json.putArray("platforms")::add);
    json.putObject("filter")
        .put("regex", p.getFilter().getRegex())
        .put("semver", p.getFilter().getSemver())
        .put("latest", p.getFilter().getLatest())
        .put("olderThanMs", p.getFilter().getOlderThanMs());
    if (status != null) {
      json.set("status", sync(status, now));
    }
    return json;
  }

  /** How far the mirror is behind is the age of the oldest copy that isn't there yet. */
  private static ObjectNode sync(SyncStatus s, Instant now) {
    long lagMs =
        s.pending().values().stream()
            .mapToLong(since -> Math.max(0, Duration.between(since, now).toMillis()))
            .max()
            .orElse(0);
    ObjectNode json = Exchange.JSON.createObjectNode();
    json.put("state", s.word());
    json.put("lastSuccess", time(s.lastSuccess()));
    json.put("lastFailure", time(s.lastFailure()));
    json.put("failure", s.failure());
    json.put("nextRun", time(s.nextLook()));
    json.put("lagMs", lagMs);
    json.put("pending", s.pending().size());
    json.put("mirrored", s.mirrored().size());
    json.put("bytes", s.bytes());
    json.put("pruned", s.pruned());
    json.put("tagsSeen", s.counts().seen());
    json.put("tagsWanted", s.counts().wanted());
    json.put("tagsYoung", s.counts().young());
    json.put("tagsUnwanted", s.counts().unwanted());
    return json;
  }

  /** A contract message in Protobuf's JSON form. */
  static ObjectNode object(Message message) {
    return (ObjectNode) message(message);
  }

  private static JsonNode message(Message message) {
    try {
      return Exchange.JSON.readTree(EventJson.payloadJson(message));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("Protobuf's JSON must be JSON", e);
    }
  }
}
