package dev.waybill.oci.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ContainerConfig.Healthcheck;
import dev.waybill.oci.image.ImageConfig.History;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class ImageConfigsTest {
  @Test
  void a_configuration_with_every_field_reads_back_as_written() {
    ImageConfig config =
        new ImageConfig(
            Platform.LINUX_AMD64,
            Instant.parse("2026-01-02T03:04:05.678Z"),
            "someone",
            new ContainerConfig(
                "1000:1000",
                new TreeSet<>(List.of("80/tcp")),
                List.of("PATH=/bin"),
                List.of("/bin/app"),
                List.of("--serve"),
                new TreeSet<>(List.of("/data")),
                "/srv",
                new TreeMap<>(Map.of("a", "b")),
                "SIGINT",
                new Healthcheck(
                    List.of("CMD", "/bin/check"),
                    Duration.ofSeconds(3),
                    Duration.ofMillis(200),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(50),
                    4),
                List.of("/bin/sh", "-c")),
            List.of(Digest.of(new byte[] {1})),
            List.of(
                new History(null, "COPY app", "", History.Content.LAYER),
                new History(Instant.EPOCH, "ENV", "note", History.Content.NONE)));

    assertThat(ImageConfigs.read(ImageWriter.write(config), ImageLimits.DEFAULT)).isEqualTo(config);
  }

  @Test
  void what_docker_writes_as_null_is_absent() {
    ImageConfig read =
        read(
            "{\"architecture\":\"amd64\",\"os\":\"linux\",\"created\":\"2020-01-01T01:00:00+01:00\","
                + "\"config\":{\"Entrypoint\":null,\"Cmd\":[\"sh\"],\"Volumes\":null,\"Labels\":null},"
                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":null},\"unknown\":1}");

    assertThat(read.config().cmd()).containsExactly("sh");
    assertThat(read.config().entrypoint()).isEmpty();
    assertThat(read.created()).isEqualTo(Instant.parse("2020-01-01T00:00:00Z"));
  }

  @Test
  void a_configuration_without_a_platform_is_refused() {
    assertThatThrownBy(() -> read("{\"rootfs\":{\"diff_ids\":[]}}"))
        .hasMessage("$: field 'os' is missing");
  }

  private static ImageConfig read(String json) {
    return ImageConfigs.read(json.getBytes(StandardCharsets.UTF_8), ImageLimits.DEFAULT);
  }
}
