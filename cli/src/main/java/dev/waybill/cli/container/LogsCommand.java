package dev.waybill.cli.container;

import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Moment;
import dev.waybill.cli.caller.Caller;
import java.io.IOException;
import java.io.InputStream;
import java.time.InstantSource;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill logs} */
@Command(
    name = "logs",
    description = "Shows a container's output.",
    mixinStandardHelpOptions = true)
public final class LogsCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();

  @Option(
      names = {"-f", "--follow"},
      description = "Go on until it ends.")
  boolean follow;

  @Option(
      names = {"-n", "--tail"},
      paramLabel = "N",
      description = "Only the last N lines.")
  Optional<String> tail = Optional.empty();

  @Option(names = "--since", paramLabel = "T", description = "Only since then: a time, or 10m.")
  Optional<String> since = Optional.empty();

  @Option(
      names = {"-t", "--timestamps"},
      description = "Each line with its time.")
  boolean timestamps;

  @Parameters(paramLabel = "CONTAINER")
  String container = "";

  @Override
  public Integer call() throws IOException {
    String path =
        "/v1/containers/%s/logs?format=frames&follow=%s&timestamps=%s%s%s"
            .formatted(
                ApiClient.encode(container),
                follow,
                timestamps,
                ApiClient.parameter("tail", tail),
                ApiClient.parameter(
                    "since",
                    since.map(text -> Moment.parse(text, InstantSource.system()).toString())));
    try (InputStream logs = connection.client().stream(path)) {
      FrameStream.copy(logs, Caller.stdout(), Caller.stderr());
    }
    return 0;
  }
}
