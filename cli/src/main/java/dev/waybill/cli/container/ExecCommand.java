package dev.waybill.cli.container;

import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.caller.Caller.Terminal;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill exec}: exits with the command's code. */
@Command(
    name = "exec",
    description = "Runs a command in a running container.",
    mixinStandardHelpOptions = true)
public final class ExecCommand implements Callable<Integer> {
  @Mixin Connection connection = new Connection();

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass on this program's input.")
  boolean interactive;

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal.")
  boolean tty;

  @Option(
      names = {"-e", "--env"},
      description = "Environment variable, KEY=VALUE.")
  List<String> env = List.of();

  @Option(
      names = {"-u", "--user"},
      description = "User by number, with an optional :GROUP.")
  Optional<String> user = Optional.empty();

  @Option(
      names = {"-w", "--workdir"},
      description = "Working directory.")
  Optional<String> workdir = Optional.empty();

  @Parameters(index = "0", paramLabel = "CONTAINER")
  String container = "";

  @Parameters(index = "1..*", paramLabel = "COMMAND", arity = "1..*")
  List<String> command = List.of();

  @Override
  public Integer call() throws InterruptedException {
    var session = new Session(Caller.stdout(), Caller.stderr());
    try (ApiClient client = connection.client();
        Terminal.Raw ignored = tty ? Caller.current().terminal().raw() : () -> {}) {
      WebSocket socket = client.socket(Session.path(container, "exec", parameters()), session);
      if (tty) {
        Session.followSize(socket, Caller.current().terminal());
      }
      if (interactive) {
        Session.sendInput(socket, Caller.current().in());
      }
      return session.exitCode().get();
    } catch (ExecutionException e) {
      throw CliException.failed("the session broke: " + e.getCause());
    }
  }

  private String parameters() {
    String size =
        tty
            ? Caller.current()
                .terminal()
                .size()
                .map(s -> "&rows=" + s.rows() + "&columns=" + s.columns())
                .orElse("")
            : "";
    return repeated("command", command)
        + "&"
        + repeated("env", env)
        + "&tty="
        + tty
        + "&stdin="
        + interactive
        + ApiClient.parameter("user", user)
        + ApiClient.parameter("workdir", workdir)
        + size;
  }

  private static String repeated(String name, List<String> values) {
    return values.stream()
        .map(value -> name + "=" + ApiClient.encode(value))
        .collect(Collectors.joining("&"));
  }
}
