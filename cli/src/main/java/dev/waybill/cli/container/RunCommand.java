package dev.waybill.cli.container;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.caller.Caller.Terminal;
import dev.waybill.cli.compose.PortMapping;
import dev.waybill.cli.compose.RestartWish;
import dev.waybill.kernel.ByteSize;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.math.BigDecimal;
import java.net.http.WebSocket;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill run}: exits with the container's code. */
@Command(
    name = "run",
    description = "Runs a container.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class RunCommand implements Callable<Integer> {
  private static final int NOT_STARTED = 125;

  @Mixin Connection connection = new Connection();

  @Option(names = "--rm", description = "Remove it when it ended.")
  boolean remove;

  @Option(
      names = {"-d", "--detach"},
      description = "Print its id and leave it running.")
  boolean detach;

  @Option(
      names = {"-i", "--interactive"},
      description = "Pass on this program's input.")
  boolean interactive;

  @Option(
      names = {"-t", "--tty"},
      description = "Give it a terminal.")
  boolean tty;

  @Option(names = "--name", description = "Its name.")
  String name = "";

  @Option(names = "--namespace", description = "Its namespace (default: default).")
  String namespace = "";

  @Option(
      names = {"-e", "--env"},
      description = "Environment variable, KEY=VALUE.")
  List<String> env = List.of();

  @Option(
      names = {"-v", "--volume"},
      paramLabel = "SRC:DST[:ro]",
      description = "Volume or absolute path of the node.")
  List<String> volumes = List.of();

  @Option(names = "--tmpfs", paramLabel = "DST", description = "Memory as a directory.")
  List<String> tmpfs = List.of();

  @Option(
      names = {"-p", "--publish"},
      paramLabel = "[HOST:]CONT",
      description = "Publish a port on the node.")
  List<String> ports = List.of();

  @Option(names = "--network", description = "Network by name, or none, or host.")
  String network = "";

  @Option(names = "--cpus", description = "Processors, like 0.5.")
  Optional<BigDecimal> cpus = Optional.empty();

  @Option(
      names = {"-m", "--memory"},
      paramLabel = "SIZE",
      description = "Memory, like 64m.")
  String memory = "";

  @Option(
      names = {"--pids", "--pids-limit"},
      description = "Processes and threads.")
  long pids;

  @Option(
      names = {"-u", "--user"},
      description = "User by name or number, with an optional :GROUP.")
  String user = "";

  @Option(
      names = {"-w", "--workdir"},
      description = "Working directory.")
  String workdir = "";

  @Option(names = "--hostname", description = "Host name inside.")
  String hostname = "";

  @Option(names = "--entrypoint", description = "Replaces the image's entrypoint.")
  Optional<String> entrypoint = Optional.empty();

  @Option(names = "--read-only", description = "Mount the root file system read-only.")
  boolean readOnly;

  @Option(names = "--cap-add", description = "Add a capability.")
  List<String> capAdd = List.of();

  @Option(names = "--cap-drop", description = "Drop a capability.")
  List<String> capDrop = List.of();

  @Option(names = "--security-opt", description = "no-new-privileges=false or seccomp=unconfined.")
  List<String> securityOptions = List.of();

  @Option(names = "--restart", paramLabel = "POLICY", description = "no, always or on-failure[:N].")
  String restart = "no";

  @Option(names = "--pull", description = "always, missing or never.")
  String pull = "missing";

  @Option(
      names = {"-l", "--label"},
      description = "Label, KEY=VALUE.")
  Map<String, String> labels = Map.of();

  @Option(names = "--stop-signal", description = "Signal that asks it to end.")
  String stopSignal = "";

  @Parameters(index = "0", paramLabel = "IMAGE", description = "Image to run.")
  String image = "";

  @Parameters(index = "1..*", paramLabel = "COMMAND", description = "Command and arguments.")
  List<String> command = List.of();

  @Override
  public Integer call() throws IOException {
    try (ApiClient client = connection.client()) {
      return run(client);
    }
  }

  private int run(ApiClient client) throws IOException {
    ObjectNode body =
        ApiClient.JSON.createObjectNode().put("name", name).put("namespace", namespace);
    body.set("spec", spec());
    JsonNode created = client.post("/v1/containers", body);
    String id = created.path("id").asText();
    if (detach) {
      Caller.stdout().println(id);
      return 0;
    }
    try {
      if (interactive || tty) {
        follow(client, id);
      } else {
        show(client, id);
      }
      return ended(client, id);
    } finally {
      if (remove) {
        // Not by the platform itself: it might be quicker than our reading of the last line.
        client.deleteAnyway("/v1/containers/" + id + "?force=true");
      }
    }
  }

  private void show(ApiClient client, String id) throws IOException {
    try (var ignored = AwaitedStart.beside(client, id);
        InputStream logs = client.stream(logPath(id))) {
      FrameStream.copy(logs, Caller.stdout(), Caller.stderr());
    } catch (CliException e) {
      // No output because it never was on a node: the reason comes with the outcome.
      if (!hasEnded(client, id)) {
        throw e;
      }
    }
  }

  private static String logPath(String id) {
    return "/v1/containers/" + id + "/logs?follow=true&format=frames";
  }

  private static boolean hasEnded(ApiClient client, String id) {
    return !client
        .get("/v1/containers/" + id + "/wait?until=ended&timeoutMs=1")
        .path("exitCode")
        .isNull();
  }

  /** Output by the log, which misses nothing; input by the process's own streams. */
  private void follow(ApiClient client, String id) throws IOException {
    AwaitedStart.of(client, id);
    Terminal terminal = Caller.current().terminal();
    try (Terminal.Raw ignored = tty ? terminal.raw() : () -> {}) {
      var discard = new PrintStream(OutputStream.nullOutputStream());
      WebSocket socket =
          client.socket(Session.path(id, "attach", ""), new Session(discard, discard));
      if (tty) {
        Session.followSize(socket, terminal);
      }
      if (interactive) {
        Session.sendInput(socket, Caller.current().in());
      }
      show(client, id);
    }
  }

  /** Waits for the end and says why it didn't go well where the program itself can't. */
  private static int ended(ApiClient client, String id) {
    JsonNode end;
    do {
      end = client.get("/v1/containers/" + id + "/wait?until=ended&timeoutMs=600000");
    } while (end.path("exitCode").isNull());
    if (!end.path("message").asText().isEmpty()) {
      Caller.stderr().println("waybill: " + end.path("message").asText());
    }
    return end.path("exitCode").asInt(NOT_STARTED);
  }

  private ObjectNode spec() {
    ObjectNode spec = ApiClient.JSON.createObjectNode();
    spec.put("image", image);
    command.forEach(spec.putArray("command")::add);
    entrypoint.ifPresent(program -> spec.putArray("entrypoint").add(program));
    ObjectNode variables = spec.putObject("env");
    env.forEach(entry -> variable(variables, entry));
    labels.forEach(spec.putObject("labels")::put);
    spec.put("workdir", workdir).put("user", user).put("hostname", hostname);
    spec.put("network", network).put("tty", tty).put("stdin", interactive);
    spec.put("readOnly", readOnly)
        .put("autoRemove", remove && detach)
        .put("ephemeral", remove)
        .put("stopSignal", stopSignal);
    capAdd.forEach(spec.putArray("capAdd")::add);
    capDrop.forEach(spec.putArray("capDrop")::add);
    securityOptions.forEach(spec.putArray("securityOptions")::add);
    spec.set("resources", resources());
    try {
      RestartWish.parse(restart).into(spec.putObject("restart"));
      ports.forEach(port -> PortMapping.parse(port).into(spec.withArray("/ports").addObject()));
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
    volumes.forEach(volume -> mount(spec, volume));
    tmpfs.forEach(
        target ->
            spec.withArray("/mounts")
                .addObject()
                .put("type", "MOUNT_TYPE_TMPFS")
                .put("target", target));
    spec.put("pull", pullPolicy());
    return spec;
  }

  private static void variable(ObjectNode variables, String entry) {
    int equals = entry.indexOf('=');
    if (equals < 0) {
      Caller.variable(entry).ifPresent(own -> variables.put(entry, own));
    } else {
      variables.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
  }

  private ObjectNode resources() {
    ObjectNode resources = ApiClient.JSON.createObjectNode();
    try {
      cpus.ifPresent(count -> resources.put("cpuMillis", count.movePointRight(3).longValue()));
      if (!memory.isEmpty()) {
        resources.put("memoryBytes", ByteSize.parse(memory));
      }
    } catch (IllegalArgumentException e) {
      throw CliException.usage("--memory: " + e.getMessage());
    }
    return resources.put("pids", pids);
  }

  private static void mount(ObjectNode spec, String volume) {
    String[] parts = volume.split(":", 3);
    if (parts.length < 2) {
      throw CliException.usage("-v '%s' must be SRC:DST or SRC:DST:ro".formatted(volume));
    }
    spec.withArray("/mounts")
        .addObject()
        .put("type", parts[0].startsWith("/") ? "MOUNT_TYPE_BIND" : "MOUNT_TYPE_VOLUME")
        .put("source", parts[0])
        .put("target", parts[1])
        .put("readOnly", parts.length == 3 && parts[2].equals("ro"));
  }

  private String pullPolicy() {
    return switch (pull) {
      case "always", "missing", "never" -> "PULL_POLICY_" + pull.toUpperCase(Locale.ROOT);
      default ->
          throw CliException.usage("--pull '%s' must be always, missing or never".formatted(pull));
    };
  }
}
