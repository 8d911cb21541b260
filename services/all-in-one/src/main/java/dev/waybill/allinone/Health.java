package dev.waybill.allinone;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.inject.Inject;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * {@code /health/live}: the process answers. {@code /health/ready}: the log answers too, without
 * which no service can do anything. Neither says anything that a caller would need a token for.
 */
@ApplicationScoped
class Health {
  private static final Duration ANSWERS_WITHIN = Duration.ofSeconds(2);

  private final EventLog log;
  private final Cell cell;
  private @Nullable CompletableFuture<Long> look;

  @Inject
  Health(EventLog log, Cell cell) {
    this.log = log;
    this.cell = cell;
  }

  void mount(@Observes Router router) {
    router.get("/health/live").handler(context -> answer(context, 200, "live"));
    router.get("/health/ready").handler(this::ready);
  }

  private void ready(RoutingContext context) {
    // A copy, so that one caller's patience doesn't end the look that others wait for.
    look()
        .copy()
        .orTimeout(ANSWERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS)
        .whenComplete(
            (end, error) -> {
              if (error == null) {
                answer(context, 200, "ready");
              } else {
                answer(context, 503, "the log doesn't answer");
              }
            });
  }

  /** One look at a time: probes that come while the log is away must not pile up. */
  private synchronized CompletableFuture<Long> look() {
    CompletableFuture<Long> current = look;
    if (current == null || current.isDone()) {
      var begun = new CompletableFuture<Long>();
      Thread.ofVirtual().name("health").start(() -> finish(begun));
      look = begun;
      return begun;
    }
    return current;
  }

  private void finish(CompletableFuture<Long> begun) {
    try {
      begun.complete(log.end(new Partition(Topic.WORKLOADS, cell.number())));
    } catch (RuntimeException e) {
      begun.completeExceptionally(e);
    }
  }

  private static void answer(RoutingContext context, int status, String text) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(text + "\n");
  }
}
