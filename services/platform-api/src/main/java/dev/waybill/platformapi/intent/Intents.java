package dev.waybill.platformapi.intent;

import dev.waybill.contracts.api.ApplyWorkload;
import dev.waybill.contracts.api.CreateNetwork;
import dev.waybill.contracts.api.PullImage;
import dev.waybill.contracts.api.RunContainer;
import dev.waybill.contracts.api.Scale;
import dev.waybill.contracts.api.SetPolicy;
import dev.waybill.contracts.tags.TagSelection;
import dev.waybill.contracts.workload.NetworkDeclared;
import dev.waybill.contracts.workload.PullRequested;
import dev.waybill.contracts.workload.RunRequested;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.oci.image.Reference;

/** Requests as intent; each throws {@link Problem.Raised} for what can't be taken. */
public final class Intents {
  /** The namespace of requests that name none. */
  public static final String DEFAULT_NAMESPACE = "default";

  private Intents() {}

  /** A one-off run under this id; a request without a name gets one from the id. */
  public static RunRequested run(RunContainer body, String containerId) {
    Specs.check(body.getSpec()).ifPresent(Intents::raise);
    String name = body.getName().isEmpty() ? "run-" + containerId.substring(0, 8) : body.getName();
    return RunRequested.newBuilder()
        .setContainerId(containerId)
        .setName(name(name))
        .setNamespace(namespace(body.getNamespace()))
        .setSpec(body.getSpec())
        .build();
  }

  /** A workload in its {@code revision}th version. */
  public static WorkloadApplied apply(ApplyWorkload body, int revision) {
    Specs.check(body.getSpec()).ifPresent(Intents::raise);
    int replicas = body.hasReplicas() ? body.getReplicas() : 1;
    for (String dependency : body.getDependsOnList()) {
      if (dependency.equals(body.getName())) {
        raise(Problem.invalid("workload " + dependency + " must not depend on itself"));
      }
    }
    return WorkloadApplied.newBuilder()
        .setName(name(body.getName()))
        .setNamespace(namespace(body.getNamespace()))
        .setRevision(revision)
        .setReplicas(replicas(replicas))
        .setSpec(body.getSpec())
        .addAllDependsOn(body.getDependsOnList())
        .setPlacement(body.getPlacement())
        .setProject(body.getProject())
        .build();
  }

  /** Another number of replicas. */
  public static WorkloadScaled scale(Scale body, String namespace, String name) {
    if (!body.hasReplicas()) {
      raise(Problem.invalid("replicas is missing, say how many shall run"));
    }
    return WorkloadScaled.newBuilder()
        .setName(name)
        .setNamespace(namespace)
        .setReplicas(replicas(body.getReplicas()))
        .build();
  }

  /** A network. */
  public static NetworkDeclared network(CreateNetwork body) {
    if (!body.getSubnet().isEmpty() && !body.getSubnet().matches("[0-9.]{7,15}/[0-9]{1,2}")) {
      raise(
          Problem.invalid(
              "subnet '%s' is no IPv4 range, write it like 10.20.0.0/24"
                  .formatted(body.getSubnet())));
    }
    return NetworkDeclared.newBuilder()
        .setName(name(body.getName()))
        .setSubnet(body.getSubnet())
        .setProject(body.getProject())
        .build();
  }

  /** A policy. */
  public static SyncPolicyDeclared policy(SetPolicy body) {
    if (!body.getUpstream().contains("/")) {
      raise(
          Problem.invalid(
              "upstream '%s' must be HOST/REPOSITORY or HOST/PREFIX/*"
                  .formatted(body.getUpstream())));
    }
    if (body.getMirror() && body.getUpstream().endsWith("/*")) {
      raise(Problem.invalid("a policy that mirrors must name one repository, without '/*'"));
    }
    if (body.getIntervalMs() < 0) {
      raise(Problem.invalid("intervalMs must not be negative, use 0 for never"));
    }
    checkFilter(body);
    checkCopies(body);
    return SyncPolicyDeclared.newBuilder()
        .setName(name(body.getName()))
        .setUpstream(body.getUpstream())
        .setTags(body.getTags())
        .setIntervalMs(body.getIntervalMs())
        .setMirror(body.getMirror())
        .setNamespace(body.getNamespace())
        .setFilter(body.getFilter())
        .setPullThrough(body.getPullThrough())
        .setPrune(body.getPrune())
        .setPruneGraceMs(body.getPruneGraceMs())
        .addAllPlatforms(body.getPlatformsList())
        .setBytesPerSecond(body.getBytesPerSecond())
        .build();
  }

  private static void checkCopies(SetPolicy body) {
    try {
      PlatformSelection.parse(body.getPlatformsList());
    } catch (IllegalArgumentException e) {
      raise(Problem.invalid("platforms: " + e.getMessage()));
    }
    if (body.getPlatformsCount() > 0 && !body.getMirror()) {
      raise(Problem.invalid("platforms are for policies that mirror, set mirror too"));
    }
    if (body.getBytesPerSecond() < 0) {
      raise(Problem.invalid("bytesPerSecond must not be negative, use 0 for no limit"));
    }
    if (body.getBytesPerSecond() > 0 && !body.getMirror() && !body.getPullThrough()) {
      raise(
          Problem.invalid(
              "bytesPerSecond is for policies that copy, set mirror or pullThrough too"));
    }
  }

  private static void checkFilter(SetPolicy body) {
    try {
      TagSelection.of(body.getTags(), body.getFilter());
    } catch (IllegalArgumentException e) {
      raise(Problem.invalid(String.valueOf(e.getMessage())));
    }
    if (body.getMirror() && body.getPullThrough()) {
      raise(Problem.invalid("a policy mirrors ahead or copies on demand, not both"));
    }
    if (body.getPullThrough() && body.getIntervalMs() > 0) {
      raise(
          Problem.invalid("a policy that copies on demand looks at nothing, leave intervalMs out"));
    }
    if (body.getPrune() && !body.getMirror()) {
      raise(Problem.invalid("prune is for policies that mirror, set mirror too"));
    }
    if (body.getFilter().getLatest() < 0
        || body.getFilter().getOlderThanMs() < 0
        || body.getPruneGraceMs() < 0) {
      raise(Problem.invalid("latest, olderThanMs and pruneGraceMs must not be negative"));
    }
    boolean narrowsMirror =
        body.getFilter().getLatest() > 0 || body.getFilter().getOlderThanMs() > 0;
    if (narrowsMirror && !body.getMirror()) {
      raise(
          Problem.invalid(
              "latest and olderThanMs narrow down what is mirrored, set mirror or use a gate's age"));
    }
  }

  /** An image ahead of any container. */
  public static PullRequested pull(PullImage body, String requestId) {
    try {
      Reference.parse(body.getReference());
    } catch (IllegalArgumentException e) {
      raise(Problem.invalid("reference: " + e.getMessage()));
    }
    return PullRequested.newBuilder()
        .setRequestId(requestId)
        .setReference(body.getReference())
        .setNamespace(namespace(body.getNamespace()))
        .build();
  }

  /** The namespace that a request means. */
  public static String namespace(String given) {
    return given.isEmpty() ? DEFAULT_NAMESPACE : name(given);
  }

  private static String name(String given) {
    if (!Limits.NAME.matcher(given).matches()) {
      raise(
          Problem.invalid(
              ("name '%s' must begin with a letter or digit and have at most 63 letters, digits,"
                      + " '_', '.' and '-'")
                  .formatted(given)));
    }
    return given;
  }

  private static int replicas(int count) {
    if (count < 0 || count > Limits.REPLICAS_MAX) {
      raise(
          Problem.invalid(
              "replicas is %d, it must be 0 to %d"
                  .formatted(Integer.toUnsignedLong(count), Limits.REPLICAS_MAX)));
    }
    return count;
  }

  private static void raise(Problem problem) {
    throw new Problem.Raised(problem);
  }
}
