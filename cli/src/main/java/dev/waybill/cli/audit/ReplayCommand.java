package dev.waybill.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code waybill replay --verify}: decides everything again and compares. */
@Command(
    name = "replay",
    description = "Decides the whole history again and compares.",
    mixinStandardHelpOptions = true)
public final class ReplayCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = "--verify",
      required = true,
      description = "Compare events byte for byte and states by hash.")
  boolean verify;

  @Override
  public Integer call() {
    JsonNode outcomes = connection.client().get("/v1/audit/replay");
    boolean agrees = true;
    for (JsonNode outcome : outcomes) {
      agrees &= outcome.path("agrees").asBoolean();
    }
    if (output.format() == Format.JSON) {
      Caller.stdout().println(Listing.json(outcomes));
    } else {
      outcomes.forEach(outcome -> Caller.stdout().println(line(outcome)));
    }
    return agrees ? 0 : CliException.FAILED;
  }

  private static String line(JsonNode outcome) {
    return outcome.path("agrees").asBoolean()
        ? "%-14s agrees: %d events from %d inputs, %d kept states, now %s"
            .formatted(
                outcome.path("decider").asText(),
                outcome.path("events").asLong(),
                outcome.path("inputs").asLong(),
                outcome.path("hashes").asInt(),
                outcome.path("stateHash").asText().substring(0, 19))
        : "%-14s DIVERGES at event %d%n  decided:  %s%n  recorded: %s"
            .formatted(
                outcome.path("decider").asText(),
                outcome.path("sequence").asLong(),
                outcome.path("decided").asText(),
                outcome.path("recorded").asText());
  }
}
