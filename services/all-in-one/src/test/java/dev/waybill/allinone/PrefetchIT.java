package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.StaticProgram;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that a node unpacks while the image service still downloads them. */
class PrefetchIT {
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final int NOISE_BYTES = 4 << 20;
  private static final int EARLY_BYTES = 2 << 20;

  @TempDir static Path directory;
  private static RunningPlatform platform;

  @BeforeAll
  static void startPlatform() throws Exception {
    platform = new RunningPlatform(directory.resolve("data"));
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
  }

  @Test
  void a_node_unpacks_a_layer_whose_download_stalls_and_runs_the_container_once_it_is_whole()
      throws Exception {
    MadeImage image = image(1);
    int port;
    String id;
    try (var upstream = LoopbackRegistry.start()) {
      port = upstream.uri().getPort();
      upstream.add("team/large", "1", image);
      upstream.inject(new Fault.Stalled(largest(image), EARLY_BYTES, 1));

      id = platform.run(upstream.host() + "/team/large:1", PlatformIT.spec());
      await(() -> isBeingUnpacked());
      assertThat(events("ImagePulled")).as("the pull is under way").isEmpty();
      assertThat(events("ContainerScheduled")).isEmpty();
    }
    // What stalled breaks off, and is taken up where it was.
    try (var again = LoopbackRegistry.start(port)) {
      again.add("team/large", "1", image);
      JsonNode end = platform.ended(id);
      assertThat(end.path("exitCode").asInt()).as(end.toString()).isZero();
    }
    String prefetch = events("PrefetchAssigned").getFirst().path("id").asText();
    assertThat(events("ImageArriving")).hasSize(1);
    assertThat(events("ImageCached")).hasSize(1);
    assertThat(events("ImageCached").getFirst().toString()).contains(prefetch);
    for (JsonNode outcome : platform.get("/v1/audit/replay")) {
      assertThat(outcome.path("agrees").asBoolean()).as(outcome.toString()).isTrue();
    }
  }

  private static boolean isBeingUnpacked() throws IOException {
    Path drafts = directory.resolve("data/node/store/tmp");
    try (Stream<Path> layers = Files.list(drafts)) {
      return layers.anyMatch(layer -> Files.exists(layer.resolve("early")));
    }
  }

  private static Digest largest(MadeImage image) {
    return image.blobs().entrySet().stream()
        .max((a, b) -> Integer.compare(a.getValue().length, b.getValue().length))
        .orElseThrow()
        .getKey();
  }

  /** A layer that doesn't pack, after a first small file, and a program. */
  private static MadeImage image(int seed) {
    byte[] noise = new byte[NOISE_BYTES];
    new Random(seed).nextBytes(noise);
    return ImageMaker.image()
        .layer(
            LayerCompression.GZIP, LayerEntry.file("early", "x"), LayerEntry.file("noise", noise))
        .program("tool", StaticProgram.compile("int main(void) { return 0; }"))
        .make();
  }

  private static List<JsonNode> events(String type) throws Exception {
    var found = new ArrayList<JsonNode>();
    for (String line : platform.text("/v1/events?type=" + type).lines().toList()) {
      if (line.startsWith("data: ")) {
        found.add(RunningPlatform.JSON.readTree(line.substring("data: ".length())));
      }
    }
    return found;
  }

  private interface Check {
    boolean holds() throws Exception;
  }

  private static void await(Check check) throws Exception {
    Instant end = Instant.now().plus(SOON);
    while (!check.holds()) {
      assertThat(Instant.now()).as("in time").isBefore(end);
      Thread.sleep(50);
    }
  }
}
