package dev.waybill.cli.build;

import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.build.dockerfile.Dockerfile;
import dev.waybill.cli.build.dockerfile.DockerfileException;
import dev.waybill.cli.build.dockerfile.Instruction;
import dev.waybill.cli.build.dockerfile.Words;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.Platform;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** One run over a Dockerfile: stages that the target needs, in their order. */
final class Build {
  private static final String SCRATCH = "scratch";

  private final ApiClient client;
  private final Dockerfile file;
  private final BuildOptions options;
  private final BuildRegistry registry;
  private final Workspace workspace;
  private final Map<String, String> globals = new LinkedHashMap<>();
  private final Map<Integer, StageImage> built = new HashMap<>();
  private final Map<String, StageImage> fetched = new HashMap<>();
  private final SortedSet<String> unused;

  Build(ApiClient client, Dockerfile file, BuildOptions options, Workspace workspace) {
    this.client = client;
    this.file = file;
    this.options = options;
    this.registry = new BuildRegistry(client);
    this.workspace = workspace;
    this.unused = new TreeSet<>(options.arguments().keySet());
  }

  /** Builds the target. */
  ImageDraft run() throws IOException {
    for (Instruction argument : file.arguments()) {
      declare(argument, globals, Map.of());
    }
    int target =
        options.target().isEmpty()
            ? file.stages().size() - 1
            : file.stage(options.target(), file.stages().size())
                .orElseThrow(
                    () -> CliException.usage("there is no stage '" + options.target() + "'"));
    for (int number : needed(target)) {
      built.put(number, stage(number));
    }
    StageImage image = Objects.requireNonNull(built.get(target));
    unused.forEach(
        name -> options.output().printf("the Dockerfile has no use for --build-arg %s%n", name));
    return image.draft();
  }

  /** The stages that this one stands on or copies from, and itself, in their order. */
  private SortedSet<Integer> needed(int number) {
    SortedSet<Integer> needed = new TreeSet<>();
    needed.add(number);
    Dockerfile.Stage stage = file.stages().get(number);
    var names = new ArrayList<String>();
    names.add(words(stage.from(), stage.base(), globals));
    for (Instruction i : stage.instructions()) {
      if (i.flags().containsKey("from")) {
        names.add(words(i, i.flags().getOrDefault("from", ""), globals));
      }
    }
    for (String name : names) {
      file.stage(name, number).ifPresent(other -> needed.addAll(needed(other)));
    }
    return needed;
  }

  private StageImage stage(int number) throws IOException {
    Dockerfile.Stage stage = file.stages().get(number);
    String base = words(stage.from(), stage.base(), globals);
    stage.from().requireFlags(Set.of("platform"));
    options
        .output()
        .printf("FROM %s%s%n", base, stage.name().isEmpty() ? "" : " AS " + stage.name());
    StageImage begin = base(base, number);
    var builder = new StageBuilder(this, stage, number, begin);
    return builder.build();
  }

  private StageImage base(String base, int number) throws IOException {
    if (base.equals(SCRATCH)) {
      return new StageImage(new ImageDraft(host(), options.epoch()), new ImageTree());
    }
    StageImage from = image(base, number);
    ImageConfig config = from.draft().config();
    return new StageImage(
        ImageDraft.of(config, from.draft().layers(), options.epoch()), from.tree().copy());
  }

  /** A stage before {@code end} by its name or number, else an image of a registry. */
  StageImage image(String name, int end) throws IOException {
    Optional<Integer> stage = file.stage(name, end);
    if (stage.isPresent()) {
      StageImage done = built.get(stage.get());
      if (done == null) {
        throw CliException.failed(
            "stage '%s' isn't built before: name it without variables".formatted(name));
      }
      return done;
    }
    StageImage known = fetched.get(name);
    if (known != null) {
      return known;
    }
    BuildRegistry.Present present = registry.pull(name, options.namespace(), host());
    var tree = new ImageTree();
    for (BuildLayer layer : present.layers()) {
      tree.add(source(layer));
    }
    var image =
        new StageImage(ImageDraft.of(present.config(), present.layers(), options.epoch()), tree);
    fetched.put(name, image);
    return image;
  }

  ImageTree.Source source(BuildLayer layer) {
    return () -> LayerArchives.unpacked(registry.open(layer));
  }

  private static Platform host() {
    return Platform.linux(System.getProperty("os.arch", ""));
  }

  /** ARG: a value from outside, else of the same name before the first stage, else its own. */
  void declare(Instruction argument, Map<String, String> into, Map<String, String> env) {
    for (String word : argument.text().split("\\s+(?=[A-Za-z_]\\w*(?:=|\\s|$))")) {
      int equals = word.indexOf('=');
      String name = equals < 0 ? word : word.substring(0, equals);
      unused.remove(name);
      Map<String, String> known = new HashMap<>(into);
      known.putAll(env);
      String given = options.arguments().get(name);
      if (given != null) {
        into.put(name, given);
      } else if (equals >= 0) {
        into.put(name, words(argument, word.substring(equals + 1), known));
      } else if (globals.containsKey(name)) {
        into.put(name, globals.get(name));
      }
    }
  }

  private static String words(Instruction of, String text, Map<String, String> variables) {
    try {
      return Words.expand(text, name -> Optional.ofNullable(variables.get(name)));
    } catch (IllegalArgumentException e) {
      throw new DockerfileException(of.line(), String.valueOf(e.getMessage()));
    }
  }

  ApiClient client() {
    return client;
  }

  BuildRegistry registry() {
    return registry;
  }

  BuildOptions options() {
    return options;
  }

  Workspace workspace() {
    return workspace;
  }
}
