package dev.waybill.cli.platform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;

/** {@code waybill status}: exit 0 only if all is well. */
@Command(
    name = "status",
    description = "Says whether the platform is up.",
    mixinStandardHelpOptions = true)
public final class StatusCommand implements Runnable {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Override
  public void run() {
    ApiClient client = connection.client();
    JsonNode status = client.get("/v1/status");
    if (output.format() != Format.TABLE) {
      Caller.stdout().println(Listing.json(status));
      return;
    }
    JsonNode endpoints = client.target().endpoints();
    Caller.stdout()
        .printf("platform   %s at %s%n", status.path("status").asText(), client.target().api());
    Caller.stdout().printf("broker     %s%n", endpoints.path("kafka").asText("elsewhere"));
    Caller.stdout().printf("database   %s%n", endpoints.path("postgres").asText("elsewhere"));
    Caller.stdout()
        .printf(
            "cell       %s, %d node(s), %d container(s)%n",
            status.path("cell").asText(),
            status.path("nodes").asInt(),
            status.path("containers").asInt());
  }
}
