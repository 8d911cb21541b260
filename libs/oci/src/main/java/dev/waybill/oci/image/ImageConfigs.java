package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ContainerConfig.Healthcheck;
import dev.waybill.oci.image.ImageConfig.History;
import java.time.Duration;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads image configurations. */
public final class ImageConfigs {
  private static final int HISTORY_MAX = 4096;

  private ImageConfigs() {}

  /**
   * Reads an image configuration.
   *
   * @throws MalformedImageException if it is none, or over a limit
   */
  public static ImageConfig read(byte[] content, ImageLimits limits) {
    JsonDocument root = JsonDocument.parse(content, limits.configBytesMax());
    JsonDocument rootfs = root.required("rootfs");
    List<Digest> diffIds =
        rootfs.elements("diff_ids", limits.layersMax()).stream()
            .map(diffId -> diffId.as(Digest::parse))
            .toList();
    return new ImageConfig(
        ImageDocuments.platform(root),
        instant(root, "created"),
        root.optional("author").map(JsonDocument::text).orElse(null),
        root.optional("config").map(ImageConfigs::container).orElse(ContainerConfig.EMPTY),
        diffIds,
        root.elements("history", HISTORY_MAX).stream().map(ImageConfigs::history).toList());
  }

  private static ContainerConfig container(JsonDocument place) {
    return new ContainerConfig(
        place.textOr("User", ""),
        place.names("ExposedPorts"),
        place.texts("Env"),
        place.texts("Entrypoint"),
        place.texts("Cmd"),
        place.names("Volumes"),
        place.textOr("WorkingDir", ""),
        place.textMap("Labels"),
        place.optional("StopSignal").map(JsonDocument::text).orElse(null),
        place.optional("Healthcheck").map(ImageConfigs::healthcheck).orElse(null),
        place.texts("Shell"));
  }

  private static Healthcheck healthcheck(JsonDocument place) {
    return new Healthcheck(
        place.texts("Test"),
        nanoseconds(place, "Interval"),
        nanoseconds(place, "Timeout"),
        nanoseconds(place, "StartPeriod"),
        nanoseconds(place, "StartInterval"),
        place
            .optional("Retries")
            .map(retries -> Math.clamp(retries.integer(), 0, Integer.MAX_VALUE))
            .orElse(0));
  }

  private static Duration nanoseconds(JsonDocument place, String field) {
    Optional<JsonDocument> found = place.optional(field);
    return found.isEmpty() ? Duration.ZERO : Duration.ofNanos(found.get().integer());
  }

  private static History history(JsonDocument place) {
    boolean empty = place.optional("empty_layer").map(JsonDocument::truth).orElse(false);
    return new History(
        instant(place, "created"),
        place.textOr("created_by", ""),
        place.textOr("comment", ""),
        empty ? History.Content.NONE : History.Content.LAYER);
  }

  private static @Nullable Instant instant(JsonDocument place, String field) {
    return place
        .optional(field)
        .map(text -> text.as(value -> OffsetDateTime.parse(value).toInstant()))
        .orElse(null);
  }
}
