package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The platform is killed at random moments while containers start; needs root. */
class SuddenDeathIT {
  private static final int STARTS = 50;
  private static final int KILLS = 3;
  private static final int CODE = 5;

  @TempDir Path directory;

  @Test
  void no_container_is_lost_none_runs_twice_and_history_agrees() throws Exception {
    var random = new SplittableRandom(20261124);
    var accepted = new ArrayList<String>();
    try (var platform = new RunningPlatform(directory.resolve("data"))) {
      PlatformIT.pushTool(platform);
      for (int kill = 0; kill < KILLS; kill++) {
        ask(platform, accepted, STARTS / KILLS + 1);
        Thread.sleep(random.nextInt(0, 600));
        platform.kill();
        platform.start();
      }
      for (String id : accepted) {
        JsonNode end = platform.ended(id);
        assertThat(end.path("exitCode").asInt(-1)).as(end.toString()).isEqualTo(CODE);
      }
      checkStartedOnce(platform, accepted);
      for (JsonNode outcome : platform.get("/v1/audit/replay")) {
        assertThat(outcome.path("agrees").asBoolean()).as(outcome.toString()).isTrue();
      }
    }
  }

  private static void ask(RunningPlatform platform, List<String> accepted, int count)
      throws IOException, InterruptedException {
    for (int i = 0; i < count; i++) {
      accepted.add(platform.run("tool:1", PlatformIT.spec(), "say", "x", CODE + ""));
    }
  }

  private static void checkStartedOnce(RunningPlatform platform, List<String> accepted)
      throws Exception {
    Map<String, Integer> starts = new HashMap<>();
    Map<String, Integer> ends = new HashMap<>();
    for (String line : platform.text("/v1/events?type=Container*").split("\n")) {
      if (line.startsWith("data: ")) {
        JsonNode event = RunningPlatform.JSON.readTree(line.substring(6));
        String id = event.path("data").path("containerId").asText();
        switch (event.path("type").asText()) {
          case "waybill.node.v1.ContainerStarted" -> starts.merge(id, 1, Integer::sum);
          case "waybill.node.v1.ContainerExited" -> ends.merge(id, 1, Integer::sum);
          default -> {
            // Other steps of its life.
          }
        }
      }
    }
    for (String id : accepted) {
      assertThat(starts).as("starts of " + id).containsEntry(id, 1);
      assertThat(ends).as("ends of " + id).containsEntry(id, 1);
    }
  }
}
