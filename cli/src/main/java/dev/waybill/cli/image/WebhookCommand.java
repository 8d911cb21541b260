package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code waybill registry webhook} */
@Command(
    name = "webhook",
    description = "Says what an upstream must know to tell of pushes.",
    mixinStandardHelpOptions = true)
public final class WebhookCommand implements Runnable {
  @Mixin Connection connection = new Connection();

  @Parameters(paramLabel = "NAME")
  String name = "";

  @Override
  public void run() {
    JsonNode hook = connection.client().get("/v1/policies/" + ApiClient.encode(name) + "/webhook");
    Caller.stdout().println("POST " + hook.path("path").asText());
    Caller.stdout().println("Authorization: Bearer " + hook.path("token").asText());
  }
}
