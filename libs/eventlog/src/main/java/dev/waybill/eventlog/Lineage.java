package dev.waybill.eventlog;

import org.jspecify.annotations.Nullable;

/**
 * Where an event comes from.
 *
 * @param correlationId id of the request that began it all
 * @param causationId id of the event that directly caused it; null for what began by itself
 * @param actor who asked, for example {@code user/admin} or {@code node/n1}
 * @param traceparent W3C trace context of the work that wrote it
 */
public record Lineage(
    String correlationId,
    @Nullable String causationId,
    String actor,
    @Nullable String traceparent) {

  /** The lineage of something that nobody on the log caused. */
  public static Lineage origin(String id, String actor, @Nullable String traceparent) {
    return new Lineage(id, null, actor, traceparent);
  }

  /** The lineage of what {@code cause} leads to: same request, same actor, same trace. */
  public static Lineage causedBy(Event cause) {
    return new Lineage(
        cause.lineage().correlationId(),
        cause.id(),
        cause.lineage().actor(),
        cause.lineage().traceparent());
  }

  /** The same with another span as the writer's own. */
  public Lineage withTraceparent(@Nullable String other) {
    return new Lineage(correlationId, causationId, actor, other);
  }
}
