package dev.waybill.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import java.io.PrintStream;
import java.time.Duration;

/**
 * Waits until a container has started or ended, and says meanwhile what holds it up: an image that
 * the gate holds may take until somebody signs it.
 */
public final class AwaitedStart implements AutoCloseable {
  private static final System.Logger LOG = System.getLogger(AwaitedStart.class.getName());
  private static final Duration SILENT = Duration.ofSeconds(2);
  private static final int ASK_FOR_MS = 5_000;

  private final Thread thread;

  private AwaitedStart(Thread thread) {
    this.thread = thread;
  }

  /** Waits here. */
  static void of(ApiClient client, String id) {
    await(client, id, Caller.stderr(), (int) SILENT.toMillis());
  }

  /** Beside something that tells of the start by itself, until it is closed. */
  public static AwaitedStart beside(ApiClient client, String id) {
    PrintStream errors = Caller.stderr();
    return new AwaitedStart(
        Thread.ofVirtual()
            .name("awaited-start")
            .start(
                () -> {
                  try {
                    // Nearly all have started by then: they cost no request.
                    Thread.sleep(SILENT);
                    await(client, id, errors, 1);
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } catch (CliException e) {
                    // What is beside meets the same trouble, and says it to the user.
                    LOG.log(System.Logger.Level.DEBUG, "no word about container " + id, e);
                  }
                }));
  }

  private static void await(ApiClient client, String id, PrintStream errors, int firstMs) {
    String told = "";
    int waitMs = firstMs;
    while (!Thread.currentThread().isInterrupted()) {
      JsonNode now = client.get("/v1/containers/" + id + "/wait?until=started&timeoutMs=" + waitMs);
      if (now.path("starts").asInt() > 0 || !now.path("exitCode").isNull()) {
        return;
      }
      String why = now.path("message").asText();
      if (!why.isEmpty() && !why.equals(told)) {
        errors.println("waybill: waits: " + why);
        told = why;
      }
      waitMs = ASK_FOR_MS;
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
