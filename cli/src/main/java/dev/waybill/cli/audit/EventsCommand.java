package dev.waybill.cli.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Moment;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.OutputOption;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code waybill events}: the log as it is. */
@Command(name = "events", description = "Shows the log.", mixinStandardHelpOptions = true)
public final class EventsCommand implements Callable<Integer> {
  private static final String DATA = "data: ";

  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on with what comes.")
  boolean follow;

  @Option(names = "--since", paramLabel = "T", description = "From then on: a time, or 10m.")
  Optional<String> since = Optional.empty();

  @Option(names = "--until", paramLabel = "T", description = "Until then.")
  Optional<String> until = Optional.empty();

  @Option(names = "--type", paramLabel = "GLOB", description = "Types, like Container*.")
  Optional<String> type = Optional.empty();

  @Option(names = "--subject", paramLabel = "GLOB", description = "Subjects, like container/4f*.")
  Optional<String> subject = Optional.empty();

  @Option(names = "--correlation", paramLabel = "ID", description = "All that one request led to.")
  Optional<String> correlation = Optional.empty();

  @Override
  public Integer call() throws IOException {
    var clock = InstantSource.system();
    String path =
        "/v1/events?follow="
            + follow
            + ApiClient.parameter("since", since.map(t -> Moment.parse(t, clock).toString()))
            + ApiClient.parameter("until", until.map(t -> Moment.parse(t, clock).toString()))
            + ApiClient.parameter("type", type)
            + ApiClient.parameter("subject", subject)
            + ApiClient.parameter("correlation", correlation);
    try (var lines =
        new BufferedReader(
            new InputStreamReader(connection.client().stream(path), StandardCharsets.UTF_8))) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(DATA)) {
          print(line.substring(DATA.length()));
        }
      }
    }
    return 0;
  }

  private void print(String json) throws IOException {
    if (output.format() == Format.JSON) {
      Caller.stdout().println(json);
      return;
    }
    JsonNode event = ApiClient.JSON.readTree(json);
    Caller.stdout().println(EventLine.of(event));
  }
}
