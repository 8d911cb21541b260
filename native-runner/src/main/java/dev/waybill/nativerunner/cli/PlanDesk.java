package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.cgroup.SystemdScope;
import dev.waybill.nativerunner.plan.Compiler;
import dev.waybill.nativerunner.plan.ExecCompiler;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.plan.Launch;
import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.plan.PlanText;
import dev.waybill.nativerunner.plan.Step;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashSet;
import java.util.StringJoiner;
import java.util.stream.Collectors;

/** Turns a request into its answer. */
public final class PlanDesk {
  private static final int WARM_UPS = 250;

  private final HostFacts facts;

  public PlanDesk(HostFacts facts) {
    this.facts = facts;
  }

  /** The answer to a request; whatever is wrong with the request is told in it. */
  Reply answer(Request request) {
    try {
      return switch (request.text("verb")) {
        case "create" -> create(request);
        case "exec" -> exec(request);
        case "plan" -> plan(request);
        case "update" -> update(request);
        case "events" -> events(request);
        case "spec" -> new Reply.Text(sample(request));
        case "features" ->
            new Reply.Text(Features.json(facts, request.text("checkpoint").equals("true")));
        default -> new Reply.Refused("unknown request '" + request.text("verb") + "'");
      };
    } catch (RefusedSpecException | SpecFormatException e) {
      return new Reply.Refused(String.valueOf(e.getMessage()));
    } catch (NoSuchFileException e) {
      return new Reply.Refused("no such file: " + e.getFile());
    } catch (IOException | IllegalArgumentException e) {
      return new Reply.Refused(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Commands leave the directories that all containers share to whoever answers them, so that the
   * next need not make them anew; at the end those that are empty go.
   */
  void removeEmptyCgroupParents() {
    for (String mount : facts.cgroups().mounts()) {
      Path.of(mount, "waybill").toFile().delete();
    }
  }

  /** Compiles a sample as often as the virtual machine needs to make quick code of all this. */
  void warmUp() {
    try {
      for (int i = 0; i < WARM_UPS; i++) {
        Spec spec = SpecCodec.readSpec(SampleSpec.JSON.getBytes(StandardCharsets.UTF_8));
        Launch launch = new Launch("warm-up", "/", "/", new Launch.Stdio.Inherited(0), spec);
        reply(Compiler.compile(launch, facts), "", "", new byte[0])
            .write(OutputStream.nullOutputStream());
      }
    } catch (RefusedSpecException | SpecFormatException | IOException e) {
      throw new IllegalStateException("the sample configuration cannot be compiled", e);
    }
  }

  private static Spec spec(Request request) throws IOException, SpecFormatException {
    return SpecCodec.readSpec(Files.readAllBytes(Path.of(request.text("bundle"), "config.json")));
  }

  /**
   * The host as it is to this container. Without rights its cgroups are left out where the runner
   * may not make them, as {@code --rootless} wants it; else making them fails, and says where.
   */
  private HostFacts facts(Request request, Spec spec) throws IOException, RefusedSpecException {
    boolean rootless =
        switch (request.text("rootless")) {
          case "true" -> true;
          case "false" -> false;
          case "", "auto" -> facts.runner().isRootless();
          default ->
              throw new RefusedSpecException(
                  "--rootless", "'" + request.text("rootless") + "' is not true, false or auto");
        };
    if (request.flag("systemd")) {
      return facts.with(facts.cgroups().withSystemd());
    }
    return rootless
        ? HostFactsReader.forCgroups(facts, Compiler.cgroupPath(spec, request.text("id"), facts))
        : facts;
  }

  private Reply update(Request request)
      throws IOException, SpecFormatException, RefusedSpecException {
    Spec spec = spec(request);
    return new Reply.Text(Update.lines(spec, request, facts(request, spec)));
  }

  private Reply events(Request request)
      throws IOException, SpecFormatException, RefusedSpecException {
    Spec spec = spec(request);
    return new Reply.Text(StatsEvent.json(spec, request.text("id"), facts(request, spec)));
  }

  private String sample(Request request) {
    return request.flag("rootless_sample") ? SampleSpec.rootless(facts.runner()) : SampleSpec.JSON;
  }

  private static Launch.Stdio stdio(Request request, boolean terminal) throws RefusedSpecException {
    int keep = Math.toIntExact(request.number("keep_fds"));
    String socket = request.text("console");
    if (!terminal) {
      if (!socket.isEmpty()) {
        throw new RefusedSpecException("process.terminal", "is false; leave --console-socket out");
      }
      return new Launch.Stdio.Inherited(keep);
    }
    if (socket.isEmpty() && !request.flag("relay")) {
      throw new RefusedSpecException(
          "process.terminal", "is true and nobody stays to copy it; give --console-socket");
    }
    return socket.isEmpty()
        ? new Launch.Stdio.Inherited(keep)
        : new Launch.Stdio.ConsoleSocket(socket, keep);
  }

  private static Launch launch(Request request, Spec spec, Launch.Stdio stdio) {
    return new Launch(
        request.text("id"),
        request.text("bundle"),
        request.text("dir"),
        stdio,
        request.flag("no_pivot") ? Launch.Pivot.MOVE : Launch.Pivot.PIVOT,
        request.flag("no_keyring") ? Launch.Keyring.INHERITED : Launch.Keyring.OWN,
        request.flag("at_once") ? Launch.Begin.AT_ONCE : Launch.Begin.WHEN_STARTED,
        spec);
  }

  private Reply create(Request request)
      throws IOException, SpecFormatException, RefusedSpecException {
    Spec spec = spec(request);
    boolean terminal = spec.process() != null && spec.process().terminal();
    HostFacts host = facts(request, spec);
    LaunchPlan plan = Compiler.compile(launch(request, spec, stdio(request, terminal)), host);
    return reply(plan, tail(request, spec), cgroups(request, spec, host), stop(request, spec));
  }

  /** The call that takes away what systemd made; empty where it makes nothing. */
  private static byte[] stop(Request request, Spec spec) throws RefusedSpecException {
    return request.flag("systemd")
        ? SystemdScope.of(spec.linux().cgroupsPath(), request.text("id")).stop()
        : new byte[0];
  }

  private Reply reply(LaunchPlan plan, String tail, String cgroups, byte[] stop) {
    StringJoiner lines = new StringJoiner("\n");
    for (Step step : plan.steps()) {
      lines.add(PlanText.failing(step.op()) + " (" + step.origin() + ")");
    }
    return new Reply.Plan(
        plan.encode(),
        lines.toString(),
        tail,
        cgroups,
        String.join("\n", plan.notes()),
        plan.makesHostsNetwork(),
        stop);
  }

  private static String cgroups(Request request, Spec spec, HostFacts host)
      throws RefusedSpecException {
    // The freezer first: the command line looks for a container's processes in the first one.
    var paths = Compiler.cgroups(spec, request.text("id"), host).paths();
    LinkedHashSet<String> ordered = new LinkedHashSet<>();
    if (paths.containsKey("freezer")) {
      ordered.add(paths.get("freezer"));
    }
    ordered.addAll(paths.values());
    return String.join("\n", ordered) + "\n";
  }

  private static String tail(Request request, Spec spec) {
    Path bundle = Path.of(request.text("bundle"));
    String root = spec.root() == null ? "" : bundle.resolve(spec.root().path()).toString();
    String annotations =
        spec.annotations().entrySet().stream()
            .map(e -> JsonText.quote(e.getKey()) + ":" + JsonText.quote(e.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    return "\"bundle\":%s,\"rootfs\":%s,\"created\":%s,\"owner\":%s,\"annotations\":%s"
        .formatted(
            JsonText.quote(bundle.toString()),
            JsonText.quote(root),
            JsonText.quote(Instant.now().toString()),
            JsonText.quote(System.getProperty("user.name", "")),
            annotations);
  }

  private Reply exec(Request request)
      throws IOException, SpecFormatException, RefusedSpecException {
    Spec spec = spec(request);
    if (spec.process() == null) {
      throw new RefusedSpecException("process", "missing in the container's config.json");
    }
    ContainerProcess process = ExecRequest.process(request, spec.process());
    LaunchPlan plan =
        ExecCompiler.compile(
            launch(request, spec, stdio(request, process.terminal())),
            process,
            new ExecCompiler.Target(
                Math.toIntExact(request.number("pid")), request.number("start")),
            facts(request, spec));
    return reply(plan.withoutState(), "", "", new byte[0]);
  }

  private Reply plan(Request request)
      throws IOException, SpecFormatException, RefusedSpecException {
    Spec spec = spec(request);
    LaunchPlan plan =
        Compiler.compile(
            launch(request, spec, new Launch.Stdio.Inherited(0)), facts(request, spec));
    if (!request.text("other").isEmpty()) {
      return new Reply.Text(PlanDiff.of(plan, otherPlan(request)));
    }
    return new Reply.Text(request.flag("json") ? PlanText.json(plan) + "\n" : PlanText.of(plan));
  }

  private LaunchPlan otherPlan(Request request)
      throws IOException, SpecFormatException, RefusedSpecException {
    String bundle = request.text("other");
    Spec spec = SpecCodec.readSpec(Files.readAllBytes(Path.of(bundle, "config.json")));
    return Compiler.compile(
        new Launch(
            request.text("id"), bundle, request.text("dir"), new Launch.Stdio.Inherited(0), spec),
        facts(request, spec));
  }
}
