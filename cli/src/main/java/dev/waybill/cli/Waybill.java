package dev.waybill.cli;

import dev.waybill.cli.audit.AuditCommand;
import dev.waybill.cli.audit.EventsCommand;
import dev.waybill.cli.audit.ReplayCommand;
import dev.waybill.cli.build.BuildCommand;
import dev.waybill.cli.build.CommitCommand;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.compose.ComposeException;
import dev.waybill.cli.container.ContainerCommands;
import dev.waybill.cli.container.ExecCommand;
import dev.waybill.cli.container.LogsCommand;
import dev.waybill.cli.container.PsCommand;
import dev.waybill.cli.container.RunCommand;
import dev.waybill.cli.container.StatsCommand;
import dev.waybill.cli.definition.ApplyCommand;
import dev.waybill.cli.definition.DefinitionCommands;
import dev.waybill.cli.image.ImageCommand;
import dev.waybill.cli.image.NetworkCommand;
import dev.waybill.cli.image.NodeCommand;
import dev.waybill.cli.image.RegistryCommand;
import dev.waybill.cli.platform.DownCommand;
import dev.waybill.cli.platform.StatusCommand;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The command line's root. */
@Command(
    name = "waybill",
    description = "Containers as facts on a log.",
    mixinStandardHelpOptions = true,
    version = "waybill 0.1.0")
public final class Waybill implements Runnable {
  private static final List<Class<?>> COMMANDS =
      List.of(
          DownCommand.class,
          StatusCommand.class,
          RunCommand.class,
          PsCommand.class,
          LogsCommand.class,
          ExecCommand.class,
          ContainerCommands.Stop.class,
          ContainerCommands.Start.class,
          ContainerCommands.Restart.class,
          ContainerCommands.Kill.class,
          ContainerCommands.Remove.class,
          ContainerCommands.Await.class,
          ContainerCommands.Inspect.class,
          StatsCommand.class,
          ApplyCommand.class,
          DefinitionCommands.Scale.class,
          DefinitionCommands.Get.class,
          DefinitionCommands.Delete.class,
          BuildCommand.class,
          CommitCommand.class,
          ImageCommand.class,
          RegistryCommand.class,
          NodeCommand.class,
          NetworkCommand.class,
          EventsCommand.class,
          AuditCommand.class,
          ReplayCommand.class);

  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "say what to do; 'waybill --help' lists the commands");
  }

  /**
   * The one command that is named, or all of them: reading the options of every command takes
   * longer than most commands run.
   */
  private static List<Class<?>> wanted(String... arguments) {
    List<Class<?>> named =
        COMMANDS.stream().filter(command -> isNamed(command, arguments)).toList();
    return named.isEmpty() ? COMMANDS : named;
  }

  private static boolean isNamed(Class<?> command, String... arguments) {
    return arguments.length > 0 && command.getAnnotation(Command.class).name().equals(arguments[0]);
  }

  /** Runs a command and exits with its code. */
  public static void main(String[] arguments) {
    System.exit(execute(arguments));
  }

  /** Runs a command for the current caller; gives its exit code. */
  public static int execute(String... arguments) {
    var root = new CommandLine(new Waybill());
    wanted(arguments).forEach(root::addSubcommand);
    // What follows an image or a container is the program's, options and all.
    root.getSubcommands()
        .forEach(
            (name, command) ->
                command.setStopAtPositional(name.equals("run") || name.equals("exec")));
    return root.setCaseInsensitiveEnumValuesAllowed(true)
        .setOut(new PrintWriter(Caller.stdout(), true, StandardCharsets.UTF_8))
        .setErr(new PrintWriter(Caller.stderr(), true, StandardCharsets.UTF_8))
        .setExecutionExceptionHandler(
            (error, command, parsed) -> {
              switch (error) {
                case CliException e -> {
                  Caller.stderr().println("waybill: " + e.getMessage());
                  return e.exitCode();
                }
                case ComposeException e -> {
                  Caller.stderr().println("waybill: " + e.getMessage());
                  return CliException.USAGE;
                }
                default -> throw error;
              }
            })
        .setParameterExceptionHandler(
            (error, wrong) -> {
              Caller.stderr().println("waybill: " + error.getMessage());
              return CliException.USAGE;
            })
        .execute(arguments);
  }
}
