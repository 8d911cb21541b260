package dev.waybill.contracts;

import java.util.Arrays;

/** The topics of the log, with how each is kept, who writes it and who reads it. */
public enum Topic {
  WORKLOADS(
      "waybill.workloads",
      Keeping.FOR_GOOD,
      "platform-api",
      "image, registry-sync, scheduling, networking, platform-api, audit"),
  IMAGES(
      "waybill.images",
      Keeping.FOR_GOOD,
      "image",
      "registry-sync, scheduling, platform-api, audit"),
  REGISTRY(
      "waybill.registry",
      Keeping.FOR_GOOD,
      "registry-sync",
      "image, scheduling, platform-api, audit"),
  SCHEDULING(
      "waybill.scheduling",
      Keeping.FOR_GOOD,
      "scheduling",
      "image, registry-sync, networking, platform-api, audit"),
  NETWORKING(
      "waybill.networking", Keeping.FOR_GOOD, "networking", "scheduling, platform-api, audit"),
  NODES(
      "waybill.nodes",
      Keeping.FOR_GOOD,
      "node-runner",
      "scheduling, networking, node-runner, platform-api, audit"),
  ASSIGNMENTS(
      "waybill.assignments",
      Keeping.FOR_GOOD,
      "scheduling, networking",
      "node-runner, platform-api, audit"),
  AUDIT("waybill.audit", Keeping.FOR_GOOD, "audit", "platform-api, audit"),
  HEARTBEATS("waybill.heartbeats", Keeping.LATEST_PER_KEY, "node-runner", "scheduling"),
  SNAPSHOTS(
      "waybill.snapshots",
      Keeping.LATEST_PER_KEY,
      "scheduling, networking, registry-sync",
      "scheduling, networking, registry-sync");

  /** How long records stay. */
  public enum Keeping {
    /** Every record for ever: the audit log. */
    FOR_GOOD,
    /** The newest record of each key: an optimisation or a pulse, never the truth. */
    LATEST_PER_KEY
  }

  private final String topicName;
  private final Keeping keeping;
  private final String writers;
  private final String readers;

  Topic(String topicName, Keeping keeping, String writers, String readers) {
    this.topicName = topicName;
    this.keeping = keeping;
    this.writers = writers;
    this.readers = readers;
  }

  /** The name on the broker, for example {@code waybill.nodes}. */
  public String topicName() {
    return topicName;
  }

  public Keeping keeping() {
    return keeping;
  }

  /** The services that write it, comma-separated; the broker's ACLs say the same. */
  public String writers() {
    return writers;
  }

  /**
   * The services that read it, comma-separated: the deciders' inputs, the read models, and for
   * nodes their own last report. A decider that reads its own topic back to recover isn't named.
   */
  public String readers() {
    return readers;
  }

  /**
   * @throws IllegalArgumentException if no topic has that name
   */
  public static Topic of(String topicName) {
    return Arrays.stream(values())
        .filter(topic -> topic.topicName.equals(topicName))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown topic '" + topicName + "'"));
  }
}
