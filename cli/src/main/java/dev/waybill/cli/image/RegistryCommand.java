package dev.waybill.cli.image;

import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill registry} */
@Command(
    name = "registry",
    description = "What may be mirrored and run.",
    mixinStandardHelpOptions = true,
    subcommands = {
      PolicyCommand.class,
      PolicyStatusCommand.class,
      RegistryCommand.Sync.class,
      WebhookCommand.class,
      LoginCommands.Login.class,
      LoginCommands.Logout.class,
      LoginCommands.Ls.class,
      GateCommand.class,
      VerifyCommand.class
    })
public final class RegistryCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "say which: policy, status, sync, webhook, login, logout, logins, gate, verify");
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
