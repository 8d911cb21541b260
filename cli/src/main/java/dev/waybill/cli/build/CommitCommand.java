package dev.waybill.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
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
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code waybill commit}: what a container wrote becomes an image. */
@Command(
    name = "commit",
    description = "Makes an image of what a container wrote.",
    mixinStandardHelpOptions = true)
public final class CommitCommand implements Runnable {
  private static final Set<String> CHANGES =
      Set.of(
          "CMD",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "LABEL",
          "USER",
          "VOLUME",
          "WORKDIR",
          "STOPSIGNAL",
          "HEALTHCHECK",
          "SHELL");

  @Mixin Connection connection = new Connection();

  @Option(
      names = {"-a", "--author"},
      description = "Who made it.")
  Optional<String> author = Optional.empty();

  @Option(
      names = {"-m", "--message"},
      description = "Why, for the history.")
  String message = "";

  @Option(
      names = {"-c", "--change"},
      paramLabel = "INSTRUCTION",
      description = "Apply a Dockerfile's instruction, like 'CMD [\"/app\"]'.")
  List<String> changes = List.of();

  @Parameters(index = "0", paramLabel = "CONTAINER")
  String container = "";

  @Parameters(index = "1", paramLabel = "REFERENCE", description = "Like team/app:1.")
  String reference = "";

  @Override
  public void run() {
    try (ApiClient client = connection.client();
        Workspace workspace = Workspace.open()) {
      Reference name = Reference.parse(reference);
      var registry = new BuildRegistry(client);
      ImageDraft image = draft(client, registry, workspace);
      Digest digest =
          registry.publish(
              image, RegistrySession.repositoryOf(name), Optional.of(name.manifestKey()));
      Caller.stdout().println(name.familiar() + "@" + digest);
    } catch (DockerfileException | IllegalArgumentException e) {
      throw CliException.usage(String.valueOf(e.getMessage()));
    } catch (IOException e) {
      throw CliException.failed("cannot commit: " + e.getMessage());
    }
  }

  private ImageDraft draft(ApiClient client, BuildRegistry registry, Workspace workspace)
      throws IOException {
    JsonNode view = client.get("/v1/containers/" + ApiClient.encode(container));
    String id = view.path("id").asText();
    BuildRegistry.Present base = registry.base(view);
    Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);
    ImageDraft image = ImageDraft.of(base.config(), base.layers(), now);
    String by = message.isEmpty() ? "commit of " + view.path("name").asText() : message;
    try (InputStream archive = client.stream("/v1/containers/" + id + "/changes")) {
      workspace
          .pack(archive::transferTo)
          .ifPresentOrElse(layer -> image.layer(by, layer), () -> image.noLayer(by));
    }
    author.ifPresent(image::author);
    return changes.isEmpty() ? image : changed(client, image, workspace);
  }

  /** The changes are a stage that copies nothing. */
  private ImageDraft changed(ApiClient client, ImageDraft image, Workspace workspace)
      throws IOException {
    Dockerfile file = Dockerfile.parse("FROM scratch\n" + String.join("\n", changes));
    Dockerfile.Stage stage = file.stages().getFirst();
    stage.instructions().stream()
        .filter(i -> !CHANGES.contains(i.name()))
        .findFirst()
        .ifPresent(
            i -> {
              throw CliException.usage("--change takes no " + i.name());
            });
    Path nothing = Files.createDirectory(workspace.newFile());
    var options =
        new BuildOptions(
            BuildContext.of(nothing, ""), Map.of(), "", "", false, Instant.EPOCH, Caller.stderr());
    var build = new Build(client, file, options, workspace);
    return new StageBuilder(build, stage, 0, new StageImage(image, new ImageTree()))
        .build()
        .draft();
  }
}
