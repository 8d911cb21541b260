package dev.waybill.cli.image;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.Connection;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.output.Listing;
import dev.waybill.cli.output.OutputOption;
import dev.waybill.kernel.ByteSize;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfig.History;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.io.InputStream;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code waybill image history}: the steps that made an image, the last one first. */
@Command(
    name = "history",
    description = "Shows the steps that made an image.",
    mixinStandardHelpOptions = true)
final class ImageHistory implements Runnable {
  private static final int SHOWN = 60;

  @Mixin Connection connection = new Connection();
  @Mixin OutputOption output = new OutputOption();

  @Parameters(paramLabel = "REFERENCE")
  String reference = "";

  @Override
  public void run() {
    Listing listing =
        new Listing("layer")
            .column("CREATED", "created")
            .column("SIZE", step -> ByteSize.format(step.path("sizeBytes").asLong()))
            .column("STEP", step -> cut(step.path("createdBy").asText()));
    output.print(listing, steps(), Caller.stdout());
  }

  private static String cut(String text) {
    String line = text.replaceAll("\\s+", " ");
    return line.length() <= SHOWN ? line : line.substring(0, SHOWN - 3) + "...";
  }

  private ArrayNode steps() {
    Reference name = ImageTransfer.parsed(reference);
    ArrayNode steps = ApiClient.JSON.createArrayNode();
    try (var registry =
        RegistrySession.own(connection.client().target(), RegistrySession.repositoryOf(name))) {
      if (!(registry.document(name.manifestKey()).value() instanceof Manifest manifest)) {
        throw CliException.failed(reference + " is an index: name one of its manifests by digest");
      }
      ImageConfig config;
      try (InputStream in = registry.blob(manifest.config().digest())) {
        config = ImageConfigs.read(in.readAllBytes(), ImageLimits.DEFAULT);
      }
      Iterator<Descriptor> layers = manifest.layers().iterator();
      for (History step : config.history()) {
        boolean left = step.content() == History.Content.LAYER && layers.hasNext();
        steps.insert(0, step(step, left ? layers.next() : null));
      }
      return steps;
    } catch (IOException e) {
      throw CliException.failed("cannot read %s: %s".formatted(reference, e.getMessage()));
    }
  }

  private static ObjectNode step(History step, @Nullable Descriptor layer) {
    ObjectNode json = ApiClient.JSON.createObjectNode();
    json.put("createdBy", step.createdBy()).put("comment", step.comment());
    json.put("created", step.created() == null ? "" : step.created().toString());
    json.put("layer", layer == null ? "" : layer.digest().toString());
    return json.put("sizeBytes", layer == null ? 0 : layer.size());
  }
}
