package dev.waybill.cli.build;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.container.AwaitedStart;
import dev.waybill.cli.container.FrameStream;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A program that is run in a container on an image as far as it is built.
 *
 * @param words program and arguments
 * @param env {@code NAME=value}
 * @param network of the container; empty is the default
 * @param namespace of the container; empty is the default
 * @param notAfter later times of change of what it writes are set back to this
 */
record RunStep(
    List<String> words, List<String> env, String network, String namespace, Instant notAfter) {
  /** What a step that does the same on the same files is found by. */
  String tag(ImageDraft image) {
    var parts = new ArrayList<String>();
    parts.add(image.platform().toString());
    image.layers().forEach(layer -> parts.add(layer.diffId().toString()));
    parts.add("");
    parts.addAll(env);
    parts.add("");
    parts.addAll(List.of(image.user(), image.workingDir(), network, notAfter.toString()));
    parts.addAll(words);
    byte[] all = String.join("\0", parts).getBytes(StandardCharsets.UTF_8);
    return "run-" + Digest.of(all).hex();
  }

  /** Runs it on the image of this digest; what it wrote is the layer, if it wrote anything. */
  Optional<BuildLayer> run(
      ApiClient client, Digest image, ImageDraft draft, Workspace workspace, PrintStream output)
      throws IOException {
    ObjectNode body = ApiClient.JSON.createObjectNode().put("namespace", namespace);
    ObjectNode spec = body.putObject("spec");
    spec.put("image", BuildRegistry.REPOSITORY + "@" + image).put("network", network);
    spec.put("user", draft.user()).put("workdir", draft.workingDir());
    spec.putArray("entrypoint").add(words.getFirst());
    words.subList(1, words.size()).forEach(spec.putArray("command")::add);
    ObjectNode variables = spec.putObject("env");
    for (String entry : env) {
      int equals = entry.indexOf('=');
      variables.put(entry.substring(0, equals), entry.substring(equals + 1));
    }
    spec.putObject("labels").put("dev.waybill.build", image.toString());
    String id = client.post("/v1/containers", body).path("id").asText();
    try {
      await(client, id, output);
      String changes = "/v1/containers/" + id + "/changes?notAfter=" + notAfter.getEpochSecond();
      try (InputStream archive = client.stream(changes)) {
        return workspace.pack(archive::transferTo);
      }
    } finally {
      client.deleteAnyway("/v1/containers/" + id + "?force=true");
    }
  }

  private void await(ApiClient client, String id, PrintStream output) throws IOException {
    Optional<CliException> silent = Optional.empty();
    try (var ignored = AwaitedStart.beside(client, id);
        InputStream logs =
            client.stream("/v1/containers/" + id + "/logs?follow=true&format=frames")) {
      FrameStream.copy(logs, output, output);
    } catch (CliException e) {
      silent = Optional.of(e); // It may never have been on a node: the outcome tells why.
    }
    JsonNode end = client.get("/v1/containers/" + id + "/wait?until=ended&timeoutMs=600000");
    if (end.path("exitCode").isNull()) {
      throw silent.orElseGet(() -> CliException.failed("the container did not end"));
    }
    int code = end.path("exitCode").asInt();
    if (code != 0) {
      String message = end.path("message").asText();
      throw CliException.failed(
          "'%s' ended with code %d%s"
              .formatted(String.join(" ", words), code, message.isEmpty() ? "" : ": " + message));
    }
  }
}
