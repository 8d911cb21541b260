package dev.waybill.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Format;
import dev.waybill.cli.output.Listing;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Commands that do one thing to each container that is named. */
public final class ContainerCommands {
  private static final long ENDS_WITHIN_MS = 60_000;

  private ContainerCommands() {}

  private static String path(String container) {
    return "/v1/containers/" + ApiClient.encode(container);
  }

  private static JsonNode await(ApiClient client, String container, String until) {
    return client.get(path(container) + "/wait?until=" + until + "&timeoutMs=" + ENDS_WITHIN_MS);
  }

  /** {@code waybill stop} */
  @Command(name = "stop", description = "Ends containers.", mixinStandardHelpOptions = true)
  public static final class Stop implements Runnable {
    @Mixin Connection connection = new Connection();

    @Option(
        names = {"-t", "--time"},
        paramLabel = "SECONDS",
        description = "Until SIGKILL (default: what the container's definition says).")
    long graceSeconds;

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      var body = ApiClient.JSON.createObjectNode().put("graceMs", graceSeconds * 1000);
      containers.forEach(container -> client.post(path(container) + "/stop", body));
      for (String container : containers) {
        await(client, container, "ended");
        Caller.stdout().println(container);
      }
    }
  }

  /** {@code waybill start} */
  @Command(
      name = "start",
      description = "Starts containers that ended.",
      mixinStandardHelpOptions = true)
  public static final class Start implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String container : containers) {
        client.post(path(container) + "/start");
        Caller.stdout().println(container);
      }
    }
  }

  /** {@code waybill restart} */
  @Command(
      name = "restart",
      description = "Ends containers and starts them again.",
      mixinStandardHelpOptions = true)
  public static final class Restart implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String container : containers) {
        client.post(path(container) + "/stop");
        await(client, container, "ended");
        client.post(path(container) + "/start");
        Caller.stdout().println(container);
      }
    }
  }

  /** {@code waybill kill} */
  @Command(name = "kill", description = "Sends a signal.", mixinStandardHelpOptions = true)
  public static final class Kill implements Runnable {
    @Mixin Connection connection = new Connection();

    @Option(
        names = {"-s", "--signal"},
        description = "By name or number (default: SIGKILL).")
    String signal = "SIGKILL";

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      var body = ApiClient.JSON.createObjectNode().put("signal", signal);
      for (String container : containers) {
        client.post(path(container) + "/kill", body);
        Caller.stdout().println(container);
      }
    }
  }

  /** {@code waybill rm} */
  @Command(name = "rm", description = "Removes containers.", mixinStandardHelpOptions = true)
  public static final class Remove implements Runnable {
    @Mixin Connection connection = new Connection();

    @Option(
        names = {"-f", "--force"},
        description = "Kill those that run.")
    boolean force;

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String container : containers) {
        String id = client.get(path(container)).path("id").asText();
        client.delete(path(id) + "?force=" + force);
        await(client, id, "removed");
        Caller.stdout().println(container);
      }
    }
  }

  /** {@code waybill wait} */
  @Command(
      name = "wait",
      description = "Waits for the end and prints the exit code.",
      mixinStandardHelpOptions = true)
  public static final class Await implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String container : containers) {
        JsonNode end;
        do {
          end = await(client, container, "ended");
        } while (end.path("exitCode").isNull());
        Caller.stdout().println(end.path("exitCode").asInt());
      }
    }
  }

  /** {@code waybill inspect} */
  @Command(
      name = "inspect",
      description = "Shows all about containers.",
      mixinStandardHelpOptions = true)
  public static final class Inspect implements Callable<Integer> {
    @Mixin Connection connection = new Connection();

    @Option(
        names = {"-o", "--output"},
        description = "json or yaml (default: json).")
    Format format = Format.JSON;

    @Parameters(paramLabel = "CONTAINER", arity = "1..*")
    List<String> containers = List.of();

    @Override
    public Integer call() {
      ApiClient client = connection.client();
      var all = ApiClient.JSON.createArrayNode();
      containers.forEach(container -> all.add(client.get(path(container))));
      switch (format) {
        case JSON -> Caller.stdout().println(Listing.json(all));
        case YAML -> Caller.stdout().print(Listing.yaml(all));
        case TABLE, NAME -> throw CliException.usage("inspect prints json or yaml");
      }
      return 0;
    }
  }
}
