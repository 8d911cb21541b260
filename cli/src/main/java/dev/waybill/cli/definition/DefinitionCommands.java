package dev.waybill.cli.definition;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.compose.Definition;
import dev.waybill.cli.output.Ago;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill scale}, {@code get} and {@code delete} */
public final class DefinitionCommands {
  private DefinitionCommands() {}

  /** {@code waybill scale NAME=N} */
  @Command(
      name = "scale",
      description = "Sets numbers of replicas.",
      mixinStandardHelpOptions = true)
  public static final class Scale implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME=N", arity = "1..*")
    List<String> wishes = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String wish : wishes) {
        String[] parts = wish.split("=", 2);
        if (parts.length != 2 || !parts[1].matches("\\d{1,6}")) {
          throw CliException.usage("'%s' must be NAME=N, like web=3".formatted(wish));
        }
        var body = ApiClient.JSON.createObjectNode().put("replicas", Integer.parseInt(parts[1]));
        client.post("/v1/workloads/" + ApiClient.encode(parts[0]) + "/scale", body);
        Caller.stdout().println("workload " + parts[0] + " scaled to " + parts[1]);
      }
    }
  }

  /** {@code waybill get [NAME]} */
  @Command(name = "get", description = "Lists workloads.", mixinStandardHelpOptions = true)
  public static final class Get implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Parameters(paramLabel = "NAME", arity = "0..1")
    Optional<String> name = Optional.empty();

    @Override
    public void run() {
      ApiClient client = connection.client();
      ArrayNode workloads = ApiClient.JSON.createArrayNode();
      if (name.isPresent()) {
        workloads.add(client.get("/v1/workloads/" + ApiClient.encode(name.get())));
      } else {
        client.get("/v1/workloads").forEach(workloads::add);
      }
      var ago = new Ago(InstantSource.system());
      Listing listing =
          new Listing("name")
              .column("NAME", "name")
              .column("PROJECT", "project")
              .column("IMAGE", "image")
              .column("READY", w -> w.path("ready").asText() + "/" + w.path("replicas").asText())
              .column("REVISION", "revision")
              .column("APPLIED", w -> ago.text(w.path("appliedAt").asText()) + " ago");
      output.print(listing, workloads, Caller.stdout());
    }
  }

  /** {@code waybill delete -f FILE | NAME…} */
  @Command(
      name = "delete",
      description = "Removes workloads and what a file defined.",
      mixinStandardHelpOptions = true)
  public static final class Delete implements Callable<Integer> {
    private static final long GONE_WITHIN_MS = 60_000;

    @Mixin Connection connection = new Connection();

    @ArgGroup(exclusive = false, multiplicity = "0..1")
    @Nullable DefinitionFile file;

    @Option(names = "--wait", description = "Until all its containers are gone.")
    boolean wait;

    @Parameters(paramLabel = "NAME")
    List<String> names = List.of();

    @Override
    public Integer call() {
      ApiClient client = connection.client();
      if (file == null && names.isEmpty()) {
        throw CliException.usage("name workloads, or a file with -f");
      }
      names.forEach(name -> remove(client, name));
      if (file != null) {
        Definition definition = file.read();
        for (ObjectNode workload : definition.workloads().reversed()) {
          remove(client, workload.path("name").asText());
        }
        definition.workloads().forEach(w -> awaitGone(client, w.path("name").asText()));
        for (ObjectNode network : definition.networks()) {
          client.delete("/v1/networks/" + ApiClient.encode(network.path("name").asText()));
          Caller.stdout().println("network " + network.path("name").asText() + " removed");
        }
      } else if (wait) {
        names.forEach(name -> awaitGone(client, name));
      }
      return 0;
    }

    private static void remove(ApiClient client, String name) {
      client.delete("/v1/workloads/" + ApiClient.encode(name));
      Caller.stdout().println("workload " + name + " removed");
    }

    private static void awaitGone(ApiClient client, String workload) {
      JsonNode containers =
          client.get("/v1/containers?all=true&workload=" + ApiClient.encode(workload));
      for (JsonNode container : containers) {
        client.get(
            "/v1/containers/%s/wait?until=removed&timeoutMs=%d"
                .formatted(container.path("id").asText(), GONE_WITHIN_MS));
      }
    }
  }
}
