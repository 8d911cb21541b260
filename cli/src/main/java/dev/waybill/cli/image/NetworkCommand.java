package dev.waybill.cli.image;

import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill network} */
@Command(
    name = "network",
    description = "Networks.",
    mixinStandardHelpOptions = true,
    subcommands = {
      NetworkCommand.Ls.class,
      NetworkCommand.Create.class,
      NetworkCommand.Remove.class
    })
public final class NetworkCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "say which: ls, create, rm");
  }

  /** {@code waybill network ls} */
  @Command(name = "ls", description = "Lists networks.", mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      Listing listing =
          new Listing("name")
              .column("NAME", "name")
              .column("SUBNET", "subnet")
              .column("GATEWAY", "gateway")
              .column("PROJECT", "project");
      output.print(listing, connection.client().get("/v1/networks"), Caller.stdout());
    }
  }

  /** {@code waybill network create} */
  @Command(name = "create", description = "Makes a network.", mixinStandardHelpOptions = true)
  public static final class Create implements Runnable {
    @Mixin Connection connection = new Connection();

    @Option(names = "--subnet", paramLabel = "CIDR", description = "IPv4 range (default: chosen).")
    String subnet = "";

    @Parameters(paramLabel = "NAME")
    String name = "";

    @Override
    public void run() {
      connection
          .client()
          .post(
              "/v1/networks",
              ApiClient.JSON.createObjectNode().put("name", name).put("subnet", subnet));
      Caller.stdout().println("network " + name + " created");
    }
  }

  /** {@code waybill network rm} */
  @Command(name = "rm", description = "Removes networks.", mixinStandardHelpOptions = true)
  public static final class Remove implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NAME", arity = "1..*")
    List<String> names = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String name : names) {
        client.delete("/v1/networks/" + ApiClient.encode(name));
        Caller.stdout().println("network " + name + " removed");
      }
    }
  }
}
