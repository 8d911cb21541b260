package dev.waybill.cli.build;

import dev.waybill.cli.build.dockerfile.Dockerfile;
import dev.waybill.cli.build.dockerfile.Instruction;
import dev.waybill.cli.build.dockerfile.Words;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** One stage, instruction by instruction. */
final class StageBuilder {
  private final Build build;
  private final Dockerfile.Stage stage;
  private final int number;
  private final ImageDraft draft;
  private final ImageTree tree;
  private final Map<String, String> arguments = new LinkedHashMap<>();
  private boolean hasOwnCmd;

  StageBuilder(Build build, Dockerfile.Stage stage, int number, StageImage base) {
    this.build = build;
    this.stage = stage;
    this.number = number;
    this.draft = base.draft();
    this.tree = base.tree();
  }

  StageImage build() throws IOException {
    int step = 0;
    for (Instruction instruction : stage.instructions()) {
      build
          .options()
          .output()
          .printf(
              "[%s%d/%d] %s%n",
              stage.name().isEmpty() ? "" : stage.name() + " ",
              ++step,
              stage.instructions().size(),
              instruction.shown());
      try {
        carryOut(instruction);
      } catch (IllegalArgumentException e) {
        throw instruction.error(String.valueOf(e.getMessage()));
      }
    }
    return new StageImage(draft, tree);
  }

  private void carryOut(Instruction i) throws IOException {
    switch (i.name()) {
      case "RUN" -> run(i);
      case "COPY", "ADD" -> {
        List<LayerEntry> entries = new CopyStep(build, number, draft, tree, this::variable).of(i);
        layer(i.shown(), build.workspace().layer(entries));
      }
      case "WORKDIR" -> workdir(i);
      case "ARG" -> build.declare(i, arguments, draft.env());
      default -> {
        configure(i);
        draft.noLayer(i.shown());
      }
    }
  }

  private void configure(Instruction i) {
    i.requireFlags(i.name().equals("HEALTHCHECK") ? HealthcheckText.FLAGS : Set.of());
    switch (i.name()) {
      case "ENV" -> pairs(i, draft.env());
      case "LABEL" -> pairs(i, draft.labels());
      case "CMD" -> {
        draft.cmd(program(i));
        hasOwnCmd = true;
      }
      case "ENTRYPOINT" -> draft.entrypoint(program(i), hasOwnCmd);
      case "EXPOSE" -> words(i).forEach(this::expose);
      case "VOLUME" -> i.array().orElseGet(() -> words(i)).forEach(draft::volume);
      case "USER" -> draft.user(word(i));
      case "STOPSIGNAL" -> draft.stopSignal(word(i));
      case "MAINTAINER" -> draft.author(i.text());
      case "SHELL" ->
          draft.shell(
              i.array()
                  .orElseThrow(() -> i.error("SHELL takes a JSON array: [\"/bin/sh\", \"-c\"]")));
      case "HEALTHCHECK" -> draft.healthcheck(HealthcheckText.parse(i, this::program));
      case "ONBUILD" ->
          throw i.error("ONBUILD has no place in an OCI image: repeat the step where it is needed");
      default -> throw i.error(i.name() + " is not understood here");
    }
  }

  private void layer(String by, BuildLayer layer) throws IOException {
    draft.layer(by, layer);
    tree.add(build.source(layer));
  }

  private void run(Instruction i) throws IOException {
    i.requireFlags(Set.of("network"));
    String network = i.flags().getOrDefault("network", "");
    List<String> env = new ArrayList<>(draft.environment());
    arguments.forEach(
        (name, value) -> {
          if (!draft.env().containsKey(name)) {
            env.add(name + "=" + value);
          }
        });
    var step =
        new RunStep(
            script(i),
            env,
            network.equals("default") ? "" : network,
            build.options().namespace(),
            build.options().epoch());
    String tag = step.tag(draft);
    if (build.options().usesCache()) {
      Optional<BuildRegistry.Present> known = build.registry().cached(tag, draft.platform());
      if (known.isPresent()) {
        build.options().output().println("  as before");
        List<BuildLayer> layers = known.get().layers();
        add(
            i,
            layers.size() > draft.layers().size()
                ? Optional.of(layers.getLast())
                : Optional.empty());
        return;
      }
    }
    var base = build.registry().publish(draft, BuildRegistry.REPOSITORY, Optional.empty());
    add(i, step.run(build.client(), base, draft, build.workspace(), build.options().output()));
    build.registry().publish(draft, BuildRegistry.REPOSITORY, Optional.of(tag));
  }

  private void add(Instruction i, Optional<BuildLayer> layer) throws IOException {
    if (layer.isPresent()) {
      layer(i.shown(), layer.get());
    } else {
      draft.noLayer(i.shown());
    }
  }

  /** With texts that follow it as the shell itself reads them, or as the whole script. */
  private List<String> script(Instruction i) {
    if (i.documents().isEmpty()) {
      return program(i);
    }
    var first = i.documents().entrySet().iterator().next();
    boolean isAll = i.text().matches("<<-?[\"']?" + first.getKey() + "[\"']?");
    var script = new StringBuilder(isAll ? "" : i.text() + "\n");
    i.documents()
        .forEach(
            (name, document) -> script.append(document.text()).append(isAll ? "" : name + "\n"));
    return shell(script.toString());
  }

  private List<String> program(Instruction i) {
    return i.array().orElseGet(() -> shell(i.text()));
  }

  private List<String> shell(String script) {
    var words = new ArrayList<String>(draft.shell());
    words.add(script);
    return words;
  }

  private void workdir(Instruction i) throws IOException {
    i.requireFlags(Set.of());
    String path = absolute(word(i));
    draft.workingDir(path);
    String at = tree.resolve(path);
    if (tree.isDirectory(at)) {
      draft.noLayer(i.shown());
      return;
    }
    var empty =
        Map.<String, LayerEntry>of("d", new LayerEntry.Directory("d", FileAttributes.ofMode(0755)));
    var plan = new CopyPlan(tree, CopyPlan.Owner.ROOT, Optional.empty());
    layer(i.shown(), build.workspace().layer(plan.entries(empty, List.of("d"), path + "/")));
  }

  private String absolute(String path) {
    return CopyStep.absolute(draft.workingDir(), path);
  }

  private void expose(String port) {
    String[] parts = port.split("/", 2);
    String protocol = parts.length == 2 ? parts[1] : "tcp";
    if (!parts[0].matches("\\d{1,5}(-\\d{1,5})?") || !protocol.matches("tcp|udp|sctp")) {
      throw new IllegalArgumentException("'" + port + "' is no port, like 80 or 53/udp");
    }
    String[] range = parts[0].split("-", 2);
    int last = Integer.parseInt(range[range.length - 1]);
    for (int number = Integer.parseInt(range[0]); number <= last; number++) {
      draft.expose(number + "/" + protocol);
    }
  }

  /** {@code NAME=value ...}, or the old form of one name and the rest of the line. */
  private void pairs(Instruction i, Map<String, String> into) {
    Map<String, String> found = new LinkedHashMap<>();
    String first = i.text().split("\\s+", 2)[0];
    if (first.indexOf('=') < 0) {
      String[] parts = i.text().split("\\s+", 2);
      if (parts.length < 2) {
        throw i.error(i.name() + " needs NAME=value");
      }
      found.put(first, Words.expand(parts[1], this::variable));
    } else {
      for (String pair : words(i)) {
        int equals = pair.indexOf('=');
        if (equals < 1) {
          throw i.error("'%s' must be NAME=value".formatted(pair));
        }
        found.put(pair.substring(0, equals), pair.substring(equals + 1));
      }
    }
    into.putAll(found); // All at once: none sees another of the same instruction.
  }

  private List<String> words(Instruction i) {
    return Words.split(i.text(), this::variable);
  }

  private String word(Instruction i) {
    return Words.expand(i.text(), this::variable);
  }

  private Optional<String> variable(String name) {
    String env = draft.env().get(name);
    return Optional.ofNullable(env != null ? env : arguments.get(name));
  }
}
