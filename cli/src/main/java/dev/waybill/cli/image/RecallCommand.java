package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Moment;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Ago;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.time.InstantSource;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill image recall} */
@Command(
    name = "recall",
    description = "Calls a digest back: lists who runs it and who did, and lets nothing start.",
    mixinStandardHelpOptions = true)
public final class RecallCommand implements Runnable {
  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "DIGEST")
  String digest = "";

  @Option(names = "--evict", description = "Ends what runs from it, one wave after the other.")
  boolean evict;

  @Option(
      names = "--wave",
      paramLabel = "N",
      description = "Containers that are ended at once (default: 1).")
  int wave = 1;

  @Option(
      names = "--since",
      paramLabel = "TIME",
      description = "Lists who ran it since then (default: 30d).")
  String since = "30d";

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why; verdicts say it.")
  Optional<String> reason = Optional.empty();

  @Option(names = "--lift", description = "Allows the digest again.")
  boolean lift;

  @Override
  public void run() {
    if (lift && (evict || reason.isPresent())) {
      throw CliException.usage("--lift goes with neither --evict nor --reason");
    }
    if (wave < 1) {
      throw CliException.usage("--wave must be at least 1");
    }
    ApiClient client = connection.client();
    if (lift) {
      client.delete("/v1/recalls/" + ApiClient.encode(digest));
      Caller.stdout().println(digest + " may start again");
      return;
    }
    String from = Moment.parse(since, InstantSource.system()).toString();
    JsonNode users =
        client.get(
            "/v1/images/use?digest="
                + ApiClient.encode(digest)
                + "&since="
                + ApiClient.encode(from));
    var body = ApiClient.JSON.createObjectNode().put("digest", digest);
    body.put("reason", reason.orElse("")).put("evict", evict).put("waveSize", wave);
    client.post("/v1/recalls", body);
    output.print(listing(), users, Caller.stdout());
  }

  private static Listing listing() {
    var ago = new Ago(InstantSource.system());
    return new Listing("name")
        .column("ID", c -> c.path("id").asText().substring(0, 12))
        .column("NAME", "name")
        .column("NAMESPACE", "namespace")
        .column("WORKLOAD", "workload")
        .column("NODE", "node")
        .column("STARTED", c -> ago.text(c.path("startedAt").asText()) + " ago")
        .column(
            "ENDED",
            c ->
                c.path("running").asBoolean()
                    ? "runs"
                    : ago.text(c.path("endedAt").asText()) + " ago");
  }
}
