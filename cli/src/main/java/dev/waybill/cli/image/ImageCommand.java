package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Ago;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.InstantSource;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code waybill image} */
@Command(
    name = "image",
    description = "Images in the platform's store.",
    mixinStandardHelpOptions = true,
    subcommands = {
      ImageCommand.Ls.class,
      ImageCommand.Pull.class,
      ImageTransfer.Push.class,
      ImageTransfer.Import.class,
      ImageSave.class,
      ImageTransfer.Load.class,
      ImageTransfer.Tag.class,
      ImageHistory.class,
      ImageCommand.Remove.class,
      ImagePrune.class,
      ImageCommand.Inspect.class,
      RecallCommand.class
    })
public final class ImageCommand implements Runnable {
  @Spec CommandSpec spec;

  @Override
  public void run() {
    throw new CommandLine.ParameterException(
        spec.commandLine(),
        "say which: ls, pull, push, import, save, load, tag, history, rm, prune, inspect, recall");
  }

  /** {@code waybill image ls} */
  @Command(name = "ls", description = "Lists images.", mixinStandardHelpOptions = true)
  public static final class Ls implements Runnable {
    @Mixin Connection connection = new Connection();
    @Mixin OutputOption output = new OutputOption();

    @Override
    public void run() {
      var ago = new Ago(InstantSource.system());
      Listing listing =
          new Listing("reference")
              .column("REFERENCE", "reference")
              .column("DIGEST", i -> i.path("digest").asText().substring(0, 19))
              .column("SIZE", i -> size(i.path("sizeBytes").asLong()))
              .column("SINCE", i -> ago.text(i.path("since").asText()) + " ago");
      ApiClient client = connection.client();
      JsonNode images = client.get("/v1/images");
      for (JsonNode image : images) {
        if (image.path("sizeBytes").asLong() == 0) {
          measure(client, (ObjectNode) image);
        }
      }
      output.print(listing, images, Caller.stdout());
    }

    /** What was pushed and never run is measured by its manifest. */
    private static void measure(ApiClient client, ObjectNode image) {
      Reference name = ImageTransfer.parsed(image.path("reference").asText());
      try (var registry =
          RegistrySession.own(client.target(), RegistrySession.repositoryOf(name))) {
        if (registry.document(image.path("digest").asText()).value() instanceof Manifest manifest) {
          image.put("sizeBytes", manifest.layers().stream().mapToLong(Descriptor::size).sum());
        }
      }
    }

    private static String size(long bytes) {
      return bytes == 0 ? "" : ByteSize.format(bytes);
    }
  }

  /** {@code waybill image pull} */
  @Command(name = "pull", description = "Fetches images.", mixinStandardHelpOptions = true)
  public static final class Pull implements Runnable {
    private static final long WITHIN_MS = 600_000;

    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "REFERENCE", arity = "1..*")
    List<String> references = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String reference : references) {
        var body = ApiClient.JSON.createObjectNode().put("reference", reference);
        String request = client.post("/v1/images/pull", body).path("requestId").asText();
        JsonNode answer = client.get("/v1/images/pull/" + request + "?timeoutMs=" + WITHIN_MS);
        if (!answer.path("good").asBoolean()) {
          throw CliException.failed(
              answer.path("done").asBoolean()
                  ? answer.path("text").asText()
                  : "no answer about " + reference + " within ten minutes");
        }
        Caller.stdout().println(reference + "@" + answer.path("text").asText());
      }
    }
  }

  /** {@code waybill image rm} */
  @Command(name = "rm", description = "Forgets images.", mixinStandardHelpOptions = true)
  public static final class Remove implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "REFERENCE", arity = "1..*")
    List<String> references = List.of();

    @Override
    public void run() {
      ApiClient client = connection.client();
      for (String reference : references) {
        client.delete("/v1/images?reference=" + ApiClient.encode(reference));
        Caller.stdout().println(reference);
      }
    }
  }

  /** {@code waybill image inspect} */
  @Command(name = "inspect", description = "Shows an image.", mixinStandardHelpOptions = true)
  public static final class Inspect implements Runnable {
    @Mixin Connection connection = new Connection();

    @Parameters(paramLabel = "REFERENCE")
    String reference = "";

    @Override
    public void run() {
      for (JsonNode image : connection.client().get("/v1/images")) {
        if (image.path("reference").asText().equals(reference)
            || image.path("reference").asText().endsWith("/" + reference)) {
          Caller.stdout().println(Listing.json(withDocuments((ObjectNode) image)));
          return;
        }
      }
      throw CliException.failed(
          "no image '%s', see 'waybill image ls' for those that are here".formatted(reference));
    }

    private ObjectNode withDocuments(ObjectNode image) {
      Reference name = ImageTransfer.parsed(image.path("reference").asText());
      try (var registry =
          RegistrySession.own(connection.client().target(), RegistrySession.repositoryOf(name))) {
        RegistrySession.Document document = registry.document(image.path("digest").asText());
        image.set("manifest", ApiClient.JSON.readTree(document.content()));
        if (document.value() instanceof Manifest manifest) {
          try (InputStream config = registry.blob(manifest.config().digest())) {
            image.set("config", ApiClient.JSON.readTree(config));
          }
        }
        return image;
      } catch (IOException e) {
        throw new UncheckedIOException("cannot read the documents of " + name, e);
      }
    }
  }
}
