package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code waybill registry status} */
@Command(name = "status", description = "How mirrors get on.", mixinStandardHelpOptions = true)
public final class PolicyStatusCommand implements Runnable {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "NAME", arity = "0..*")
  List<String> names = List.of();

  @Override
  public void run() {
    var shown = new ArrayList<JsonNode>();
    var known = new ArrayList<String>();
    for (JsonNode policy : connection.client().get("/v1/policies")) {
      String name = policy.path("name").asText();
      known.add(name);
      if (names.isEmpty() || names.contains(name)) {
        shown.add(policy);
      }
    }
    for (String name : names) {
      if (!known.contains(name)) {
        throw CliException.failed("no policy '" + name + "', see 'waybill registry policy ls'");
      }
    }
    output.print(listing(), shown, Caller.stdout());
  }

  private static Listing listing() {
    return new Listing("name")
        .column("NAME", "name")
        .column("STATE", p -> text(p, "state"))
        .column("MIRRORED", p -> text(p, "mirrored") + "/" + text(p, "tagsWanted"))
        .column("PENDING", p -> text(p, "pending"))
        .column("LAG", p -> p.path("status").path("lagMs").asLong() / 1000 + " s")
        .column("BYTES", p -> text(p, "bytes"))
        .column("CAP", PolicyStatusCommand::cap)
        .column("LAST SUCCESS", p -> text(p, "lastSuccess"))
        .column("NEXT RUN", p -> text(p, "nextRun"))
        .column("LAST FAILURE", p -> (text(p, "lastFailure") + " " + text(p, "failure")).strip());
  }

  private static String cap(JsonNode policy) {
    long bytes = policy.path("bytesPerSecond").asLong();
    return bytes == 0 ? "none" : ByteSize.format(bytes) + "/s";
  }

  private static String text(JsonNode policy, String field) {
    return policy.path("status").path(field).asText();
  }
}
