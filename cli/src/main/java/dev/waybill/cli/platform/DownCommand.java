package dev.waybill.cli.platform;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code waybill down} */
@Command(
    name = "down",
    description = "Stops the platform and its containers.",
    mixinStandardHelpOptions = true)
public final class DownCommand implements Callable<Integer> {
  private static final Duration ENDS_WITHIN = Duration.ofSeconds(60);

  @Mixin Connection connection = new Connection();

  @Option(names = "--keep-containers", description = "Leave them running.")
  boolean keepContainers;

  @Override
  public Integer call() throws InterruptedException {
    ApiClient client = connection.client();
    JsonNode endpoints = client.target().endpoints();
    if (!endpoints.has("pid")) {
      throw CliException.failed(
          "this platform wasn't started by 'waybill up', stop its services instead");
    }
    if (!keepContainers) {
      client.post("/node/v1/stop-containers");
    }
    Optional<ProcessHandle> process = ProcessHandle.of(endpoints.path("pid").asLong());
    if (process.isEmpty()) {
      Caller.stdout().println("the platform has ended already");
      return 0;
    }
    process.get().destroy();
    try {
      process.get().onExit().get(ENDS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
      Caller.stdout().println("stopped");
      return 0;
    } catch (TimeoutException | ExecutionException e) {
      throw CliException.failed(
          "process %d doesn't end, kill it with 'kill -9 %d'"
              .formatted(process.get().pid(), process.get().pid()));
    }
  }
}
