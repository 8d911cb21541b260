package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill registry verify} */
@Command(
    name = "verify",
    description = "Explains the gate's verdict on an image rule by rule; exits 1 if it is refused.",
    mixinStandardHelpOptions = true)
public final class VerifyCommand implements Runnable {
  private static final long WITHIN_MS = 600_000;

  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Option(names = "--namespace", description = "Whose policies to ask (default: default).")
  String namespace = "";

  @Parameters(paramLabel = "IMAGE")
  String image = "";

  @Override
  public void run() {
    ApiClient client = connection.client();
    var body =
        ApiClient.JSON.createObjectNode().put("reference", image).put("namespace", namespace);
    String request = client.post("/v1/images/verify", body).path("requestId").asText();
    JsonNode answer = client.get("/v1/images/verify/" + request + "?timeoutMs=" + WITHIN_MS);
    if (!answer.path("done").asBoolean()) {
      throw CliException.failed("no answer about " + image + " within ten minutes");
    }
    if (!answer.path("message").asText().isEmpty()) {
      throw CliException.failed(answer.path("message").asText());
    }
    Listing listing =
        new Listing("rule")
            .column("RULE", "rule")
            .column("VERDICT", r -> r.path("passed").asBoolean() ? "passed" : "failed")
            .column("POLICY", "policy")
            .column("WHY", "why");
    output.print(listing, answer.path("rules"), Caller.stdout());
    String name = image + " (" + answer.path("digest").asText() + ")";
    if (!answer.path("released").asBoolean()) {
      throw CliException.failed(
          (answer.path("digest").asText().isEmpty() ? image : name) + " is refused");
    }
  }
}
