package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill registry login}, {@code logout} and {@code logins} */
public final class LoginCommands {
  private static final int PASSWORD_BYTES_MAX = 16 * 1024;

  private LoginCommands() {}

  /** {@code waybill registry login} */
  @Command(
      name = "login",
      description = "Keeps a log-in that pulls use, encrypted on the platform.",
      mixinStandardHelpOptions = true)
  public static final class Login implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "HOST[:PORT]")
    String host = "";

    @Option(
        names = {"-u", "--username"},
        required = true,
        paramLabel = "USER")
    String user = "";

    @Option(
        names = "--password-stdin",
        required = true,
        description = "Take the password from the standard input; there is no other way.")
    boolean fromInput;

    @Option(names = "--namespace", description = "Only for pulls of this namespace.")
    String namespace = "";

    @Override
    public void run() {
      ObjectNode body = ApiClient.JSON.createObjectNode();
      body.put("host", host).put("user", user).put("namespace", namespace);
      body.put("password", password());
      connection.client().post("/v1/logins", body);
      Caller.stdout().println("logged in to " + host + " as " + user);
    }

    /** Without the line's end, which belongs to the command that wrote it. */
    private static String password() {
      byte[] input;
      try {
        input = Caller.current().in().readNBytes(PASSWORD_BYTES_MAX + 1);
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the password", e);
      }
      String text = new String(input, StandardCharsets.UTF_8).replaceFirst("\\r?\\n$", "");
      if (text.isEmpty() || input.length > PASSWORD_BYTES_MAX) {
        throw CliException.usage(
            "the standard input must hold the password, at most %d bytes"
                .formatted(PASSWORD_BYTES_MAX));
      }
      return text;
    }
  }

  /** {@code waybill registry logout} */
  @Command(name = "logout", description = "Forgets a log-in.", mixinStandardHelpOptions = true)
  public static final class Logout implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "HOST[:PORT]")
    String host = "";

    @Option(names = "--namespace", description = "That of this namespace.")
    String namespace = "";

    @Override
    public void run() {
      connection
          .client()
          .delete(
              "/v1/logins?host="
                  + ApiClient.encode(host)
                  + "&namespace="
                  + ApiClient.encode(namespace));
      Caller.stdout().println("logged out of " + host);
    }
  }

  /** {@code waybill registry logins} */
  @Command(
      name = "logins",
      description = "Lists log-ins, without passwords.",
      mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      Listing listing =
          new Listing("host")
              .column("HOST", "host")
              .column("USER", "user")
              .column(
                  "NAMESPACE",
                  login ->
                      login.path("namespace").asText().isEmpty()
                          ? "all"
                          : login.path("namespace").asText());
      output.print(listing, connection.client().get("/v1/logins"), Caller.stdout());
    }
  }
}
