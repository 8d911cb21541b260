package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill node} */
@Command(
    name = "node",
    description = "Hosts.",
    mixinStandardHelpOptions = true,
    subcommands = {NodeCommand.Ls.class, NodeCommand.Cordon.class, NodeCommand.Uncordon.class})
public final class NodeCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(spec.commandLine(), "say which: ls, cordon, uncordon");
  }

  /** {@code waybill node ls} */
  @Command(name = "ls", description = "Lists nodes.", mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      Listing listing =
          new Listing("id")
              .column("ID", "id")
              .column("STATUS", NodeCommand::status)
              .column("CPU", n -> n.path("cpuMillis").asLong() / 1000.0 + "")
              .column("MEMORY", n -> ByteSize.format(n.path("memoryBytes").asLong()))
              .column("ARCH", "architecture")
              .column("KERNEL", "kernel")
              .column("CGROUPS", "cgroups")
              .column(
                  "LACKS",
                  n ->
                      String.join(
                          ",", n.path("lacks").valueStream().map(JsonNode::asText).toList()));
      output.print(listing, connection.client().get("/v1/nodes"), Caller.stdout());
    }
  }

  private static String status(JsonNode node) {
    return node.path("status").asText() + (node.path("cordoned").asBoolean() ? ", cordoned" : "");
  }

  /** {@code waybill node cordon} */
  @Command(
      name = "cordon",
      description = "Closes a node for new containers.",
      mixinStandardHelpOptions = true)
  public static final class Cordon implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NODE")
    String node = "";

    @Override
    public void run() {
      connection.client().post("/v1/nodes/" + ApiClient.encode(node) + "/cordon");
      Caller.stdout().println("node " + node + " cordoned");
    }
  }

  /** {@code waybill node uncordon} */
  @Command(name = "uncordon", description = "Opens a node again.", mixinStandardHelpOptions = true)
  public static final class Uncordon implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "NODE")
    String node = "";

    @Override
    public void run() {
      connection.client().post("/v1/nodes/" + ApiClient.encode(node) + "/uncordon");
      Caller.stdout().println("node " + node + " uncordoned");
    }
  }
}
