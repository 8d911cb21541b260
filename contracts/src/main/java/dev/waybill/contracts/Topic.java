package dev.waybill.contracts;

import java.util.Arrays;

/** The topics of the log, with how each is kept and who writes it. */
public enum Topic {
  WORKLOADS("waybill.workloads", Keeping.FOR_GOOD, "platform-api"),
  IMAGES("waybill.images", Keeping.FOR_GOOD, "image"),
  REGISTRY("waybill.registry", Keeping.FOR_GOOD, "registry-sync"),
  SCHEDULING("waybill.scheduling", Keeping.FOR_GOOD, "scheduling"),
  NETWORKING("waybill.networking", Keeping.FOR_GOOD, "networking"),
  NODES("waybill.nodes", Keeping.FOR_GOOD, "node-runner"),
  ASSIGNMENTS("waybill.assignments", Keeping.FOR_GOOD, "scheduling, networking"),
  AUDIT("waybill.audit", Keeping.FOR_GOOD, "audit"),
  HEARTBEATS("waybill.heartbeats", Keeping.LATEST_PER_KEY, "node-runner"),
  SNAPSHOTS("waybill.snapshots", Keeping.LATEST_PER_KEY, "scheduling, networking, registry-sync");

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

  Topic(String topicName, Keeping keeping, String writers) {
    this.topicName = topicName;
    this.keeping = keeping;
    this.writers = writers;
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
   * @throws IllegalArgumentException if no topic has that name
   */
  public static Topic of(String topicName) {
    return Arrays.stream(values())
        .filter(topic -> topic.topicName.equals(topicName))
        .findFirst()
        .orElseThrow(() -> new IllegalArgumentException("unknown topic '" + topicName + "'"));
  }
}
