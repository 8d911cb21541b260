package dev.waybill.cli.platform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.io.PrintStream;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code waybill status}: exit 0 only if all is well. */
@Command(
    name = "status",
    description = "Says whether the platform is up.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Override
  public Integer call() {
    ApiClient client = connection.client();
    JsonNode status = client.get("/v1/status");
    if (output.format() == Format.TABLE) {
      print(client, status, Caller.stdout());
    } else {
      Caller.stdout().println(Listing.json(status));
    }
    return status.path("status").asText().equals("up") ? 0 : 1;
  }

  private static void print(ApiClient client, JsonNode status, PrintStream out) {
    JsonNode endpoints = client.target().endpoints();
    row(out, "platform", status.path("status").asText() + " at " + client.target().api());
    row(out, "broker", endpoints.path("kafka").asText("elsewhere"));
    row(out, "database", endpoints.path("postgres").asText("elsewhere"));
    row(out, "lag", status.path("lag").asLong() + " records");
    row(out, "containers", counts(status.path("containersByStatus")));
    for (JsonNode node : status.path("nodeStatus")) {
      String cordoned = node.path("cordoned").asBoolean() ? ", cordoned" : "";
      row(out, "node", node.path("name").asText() + " " + node.path("status").asText() + cordoned);
    }
    if (status.path("nodeStatus").isEmpty()) {
      row(out, "node", "none: nothing can run until a node-runner registers");
    }
  }

  private static String counts(JsonNode byStatus) {
    List<String> words =
        byStatus.propertyStream().map(e -> e.getValue().asInt() + " " + e.getKey()).toList();
    return words.isEmpty() ? "none" : words.stream().collect(Collectors.joining(", "));
  }

  private static void row(PrintStream out, String name, String value) {
    out.printf("%-11s%s%n", name, value);
  }
}
