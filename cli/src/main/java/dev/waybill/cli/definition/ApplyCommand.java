package dev.waybill.cli.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.compose.Definition;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code waybill apply} */
@Command(
    name = "apply",
    description = "Makes what a Compose file asks for.",
    mixinStandardHelpOptions = true)
public final class ApplyCommand implements Callable<Integer> {
  private static final long SETTLES_WITHIN_MS = 300_000;

  @Mixin Connection connection = new Connection();
  @Mixin DefinitionFile file = new DefinitionFile();

  @Option(names = "--dry-run", description = "Only say what would change.")
  boolean dryRun;

  @Option(names = "--wait", description = "Until all of it runs.")
  boolean wait;

  @Override
  public Integer call() {
    Definition definition = file.read();
    ApiClient client = connection.client();
    networks(client, definition);
    for (ObjectNode workload : definition.workloads()) {
      JsonNode answer = client.post("/v1/workloads?dryRun=" + dryRun, workload);
      Caller.stdout()
          .printf(
              "workload %s %s (revision %d)%n",
              answer.path("name").asText(),
              answer.path("change").asText(),
              answer.path("revision").asInt());
    }
    if (wait && !dryRun) {
      definition.workloads().forEach(workload -> await(client, workload.path("name").asText()));
    }
    return 0;
  }

  private void networks(ApiClient client, Definition definition) {
    Set<String> present = new HashSet<>();
    client.get("/v1/networks").forEach(network -> present.add(network.path("name").asText()));
    for (ObjectNode network : definition.networks()) {
      String name = network.path("name").asText();
      if (!present.contains(name)) {
        if (!dryRun) {
          client.post("/v1/networks", network);
        }
        Caller.stdout().printf("network %s created%n", name);
      }
    }
  }

  private static void await(ApiClient client, String name) {
    JsonNode workload =
        client.get(
            "/v1/workloads/" + ApiClient.encode(name) + "/wait?timeoutMs=" + SETTLES_WITHIN_MS);
    if (!workload.path("settled").asBoolean()) {
      throw CliException.failed(
          "workload %s has %d of %d replicas ready, 'waybill ps -a' and 'waybill audit timeline' tell why"
              .formatted(name, workload.path("ready").asInt(), workload.path("replicas").asInt()));
    }
    Caller.stdout().printf("workload %s ready (%d)%n", name, workload.path("ready").asInt());
  }
}
