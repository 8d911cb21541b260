package dev.waybill.cli.build;

import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.build.context.BuildContext;
import dev.waybill.cli.build.dockerfile.Dockerfile;
import dev.waybill.cli.build.dockerfile.DockerfileException;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.image.RegistrySession;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill build}: prints what was built, each name with the digest. */
@Command(
    name = "build",
    description = "Builds an image from a Dockerfile.",
    mixinStandardHelpOptions = true,
    sortOptions = false)
public final class BuildCommand implements Runnable {
  @Mixin Connection connection = new Connection();

  @Option(
      names = {"-t", "--tag"},
      paramLabel = "NAME[:TAG]",
      description = "Name of the image; more than one may be given.")
  List<String> tags = List.of();

  @Option(
      names = {"-f", "--file"},
      paramLabel = "FILE",
      description = "The Dockerfile (default: CONTEXT/Dockerfile).")
  Optional<String> file = Optional.empty();

  @Option(
      names = "--build-arg",
      paramLabel = "NAME[=VALUE]",
      description = "Value of an ARG; without one, this environment's.")
  List<String> arguments = List.of();

  @Option(names = "--target", paramLabel = "STAGE", description = "Build this stage, not the last.")
  String target = "";

  @Option(
      names = "--namespace",
      description = "Whose policies decide about bases and steps (default: default).")
  String namespace = "";

  @Option(names = "--label", paramLabel = "NAME=VALUE", description = "Label of the image.")
  Map<String, String> labels = Map.of();

  @Option(names = "--no-cache", description = "Run every step anew.")
  boolean noCache;

  @Option(
      names = {"-q", "--quiet"},
      description = "Print the result only.")
  boolean quiet;

  @Parameters(paramLabel = "CONTEXT", description = "Directory that COPY copies from.")
  String context = "";

  @Override
  public void run() {
    List<Reference> names = tags.stream().map(BuildCommand::name).toList();
    try (ApiClient client = connection.client();
        Workspace workspace = Workspace.open()) {
      ImageDraft image = new Build(client, dockerfile(), options(), workspace).run();
      image.labels().putAll(labels);
      publish(new BuildRegistry(client), image, names);
    } catch (DockerfileException e) {
      throw CliException.failed(dockerfilePath() + ": " + e.getMessage());
    } catch (NoSuchFileException e) {
      throw CliException.failed("no file '%s'".formatted(e.getFile()));
    } catch (IOException e) {
      throw CliException.failed("cannot build: " + e.getMessage());
    }
  }

  private static Reference name(String text) {
    try {
      return Reference.parse(text);
    } catch (IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    }
  }

  private void publish(BuildRegistry registry, ImageDraft image, List<Reference> names) {
    if (names.isEmpty()) {
      Digest digest = registry.publish(image, BuildRegistry.REPOSITORY, Optional.empty());
      Caller.stdout().println(BuildRegistry.REPOSITORY + "@" + digest);
    }
    for (Reference name : names) {
      Digest digest =
          registry.publish(
              image, RegistrySession.repositoryOf(name), Optional.of(name.manifestKey()));
      Caller.stdout().println(name.familiar() + "@" + digest);
    }
  }

  private Path dockerfilePath() {
    return file.map(Caller::path).orElseGet(() -> Caller.path(context).resolve("Dockerfile"));
  }

  private Dockerfile dockerfile() throws IOException {
    return Dockerfile.parse(Files.readString(dockerfilePath()));
  }

  private BuildOptions options() throws IOException {
    Path directory = Caller.path(context);
    if (!Files.isDirectory(directory)) {
      throw CliException.usage("'%s' is no directory to build from".formatted(context));
    }
    return new BuildOptions(
        BuildContext.of(directory, ignored(directory)),
        values(),
        target,
        namespace,
        !noCache,
        epoch(),
        quiet
            ? new PrintStream(OutputStream.nullOutputStream(), false, StandardCharsets.UTF_8)
            : Caller.stderr());
  }

  /** The Dockerfile's own comes first, as with Docker. */
  private String ignored(Path directory) throws IOException {
    List<Path> candidates = new ArrayList<>();
    file.ifPresent(name -> candidates.add(Caller.path(name + ".dockerignore")));
    candidates.add(directory.resolve(".dockerignore"));
    for (Path candidate : candidates) {
      if (Files.isRegularFile(candidate)) {
        return Files.readString(candidate);
      }
    }
    return "";
  }

  private Map<String, String> values() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String argument : arguments) {
      int equals = argument.indexOf('=');
      if (equals < 0) {
        Caller.variable(argument).ifPresent(value -> values.put(argument, value));
      } else {
        values.put(argument.substring(0, equals), argument.substring(equals + 1));
      }
    }
    return values;
  }

  /**
   * The beginning of time, so that the same input gives the same image.
   *
   * @see <a href="https://reproducible-builds.org/specs/source-date-epoch/">SOURCE_DATE_EPOCH</a>
   */
  private static Instant epoch() {
    String text = Caller.variable("SOURCE_DATE_EPOCH").orElse("0");
    if (!text.matches("\\d{1,11}")) {
      throw CliException.usage("SOURCE_DATE_EPOCH '%s' is no number of seconds".formatted(text));
    }
    return Instant.ofEpochSecond(Long.parseLong(text));
  }
}
