package dev.waybill.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;

/**
 * Waits until a container has started or ended, and says meanwhile what holds it up: an image that
 * the gate holds may take until somebody signs it.
 */
final class AwaitedStart {
  private static final int SILENT_MS = 2_000;
  private static final int THEN_MS = 5_000;

  private AwaitedStart() {}

  static void of(ApiClient client, String id) {
    String told = "";
    int waitMs = SILENT_MS;
    while (true) {
      JsonNode now = client.get("/v1/containers/" + id + "/wait?until=started&timeoutMs=" + waitMs);
      if (now.path("starts").asInt() > 0 || !now.path("exitCode").isNull()) {
        return;
      }
      String why = now.path("message").asText();
      if (!why.isEmpty() && !why.equals(told)) {
        Caller.stderr().println("waybill: waits: " + why);
        told = why;
      }
      waitMs = THEN_MS;
    }
  }
}
