package dev.waybill.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Ago;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.time.InstantSource;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code waybill ps} */
@Command(name = "ps", description = "Lists containers.", mixinStandardHelpOptions = true)
public final class PsCommand implements Runnable {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = {"-a", "--all"},
      description = "Those that ended too.")
  boolean all;

  @Override
  public void run() {
    JsonNode containers = connection.client().get("/v1/containers?all=" + all);
    output.print(listing(), containers, Caller.stdout());
  }

  private static Listing listing() {
    var ago = new Ago(InstantSource.system());
    return new Listing("name")
        .column("ID", c -> c.path("id").asText().substring(0, 12))
        .column("NAME", "name")
        .column("IMAGE", "image")
        .column("STATUS", c -> status(c, ago))
        .column("NODE", "node")
        .column("ADDRESS", "address")
        .column("CREATED", c -> ago.text(c.path("createdAt").asText()) + " ago");
  }

  private static String status(JsonNode c, Ago ago) {
    String status = c.path("status").asText();
    return switch (status) {
      case "running" -> {
        String health = c.path("health").asText();
        yield "up "
            + ago.text(c.path("startedAt").asText())
            + (health.isEmpty() ? "" : ", " + health);
      }
      case "exited" -> "exited (" + c.path("exitCode").asText() + ")" + reason(c);
      default -> status + reason(c);
    };
  }

  private static String reason(JsonNode c) {
    String message = c.path("message").asText();
    return message.isEmpty() ? "" : ": " + message;
  }
}
