package dev.waybill.cli.image;

import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.Durations;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill registry} */
@Command(
    name = "registry",
    description = "What may be mirrored and run.",
    mixinStandardHelpOptions = true,
    subcommands = {
      RegistryCommand.Policy.class,
      RegistryCommand.Sync.class,
      GateCommand.class,
      VerifyCommand.class
    })
public final class RegistryCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "say which: policy, sync, gate, verify");
  }

  /** {@code waybill registry policy} */
  @Command(
      name = "policy",
      description = "Policies.",
      mixinStandardHelpOptions = true,
      subcommands = {Ls.class, Set.class, Remove.class})
  public static final class Policy implements Runnable {
    @Spec CommandSpec spec;

    @Override
    public void run() {
      throw new CommandLine.ParameterException(spec.commandLine(), "say which: ls, set, rm");
    }
  }

  /** {@code waybill registry policy ls} */
  @Command(name = "ls", description = "Lists policies.", mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      Listing listing =
          new Listing("name")
              .column("NAME", "name")
              .column("VERSION", "version")
              .column("UPSTREAM", "upstream")
              .column(
                  "TAGS", p -> p.path("tags").asText().isEmpty() ? "*" : p.path("tags").asText())
              .column("MIRROR", "mirror")
              .column("INTERVAL", p -> p.path("intervalMs").asLong() / 1000 + " s")
              .column("NAMESPACE", p -> namespace(p.path("namespace").asText()));
      output.print(listing, connection.client().get("/v1/policies"), Caller.stdout());
    }

    private static String namespace(String name) {
      return name.isEmpty() ? "all" : name;
    }
  }

  /** {@code waybill registry policy set} */
  @Command(name = "set", description = "Sets a policy.", mixinStandardHelpOptions = true)
  public static final class Set implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME")
    String name = "";

    @Option(
        names = "--upstream",
        required = true,
        paramLabel = "HOST/REPOSITORY[/*]",
        description = "Repository, or all below a prefix.")
    String upstream = "";

    @Option(names = "--tags", paramLabel = "GLOB", description = "Tags (default: all).")
    String tags = "";

    @Option(names = "--mirror", description = "Copy what matches.")
    boolean mirror;

    @Option(names = "--interval", paramLabel = "DURATION", description = "Between looks, like 10m.")
    String interval = "0s";

    @Option(names = "--namespace", description = "Only for this namespace.")
    String namespace = "";

    @Override
    public void run() {
      var body = ApiClient.JSON.createObjectNode();
      try {
        body.put("intervalMs", Durations.parse(interval).toMillis());
      } catch (IllegalArgumentException e) {
        throw CliException.usage("--interval: " + e.getMessage());
      }
      body.put("name", name).put("upstream", upstream).put("tags", tags);
      body.put("mirror", mirror).put("namespace", namespace);
      connection.client().post("/v1/policies", body);
      Caller.stdout().println("policy " + name + " set");
    }
  }

  /** {@code waybill registry policy rm} */
  @Command(name = "rm", description = "Takes policies back.", mixinStandardHelpOptions = true)
  public static final class Remove implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", arity = "1..*")
    List<String> names = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String name : names) {
        client.delete("/v1/policies/" + ApiClient.encode(name));
        Caller.stdout().println("policy " + name + " removed");
      }
    }
  }

  /** {@code waybill registry sync} */
  @Command(
      name = "sync",
      description = "Looks at an upstream now.",
      mixinStandardHelpOptions = true)
  public static final class Sync implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", arity = "1..*")
    List<String> names = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String name : names) {
        client.post("/v1/policies/" + ApiClient.encode(name) + "/sync");
        Caller.stdout().println("policy " + name + " asked to sync");
      }
    }
  }
}
