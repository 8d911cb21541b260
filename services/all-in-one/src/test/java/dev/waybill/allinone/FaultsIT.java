package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.StaticProgram;
import java.io.IOException;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of the running platform are taken away; needs root. */
class FaultsIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int NODE_DISK_BYTES = 48 << 20;
  private static final int BIG_BYTES = 96 << 20;

  @TempDir static Path directory;
  private static Path nodeDisk;
  private static RunningPlatform platform;

  @BeforeAll
  static void startPlatform() throws Exception {
    nodeDisk = Files.createDirectories(directory.resolve("data/node"));
    command("mount", "-t", "tmpfs", "-o", "size=" + NODE_DISK_BYTES, "node", nodeDisk.toString());
    platform = new RunningPlatform(directory.resolve("data"));
    PlatformIT.pushTool(platform);
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
    command("umount", nodeDisk.toString());
  }

  @Test
  void a_full_disk_fails_the_container_with_the_reason_and_leaves_nothing_half_made()
      throws Exception {
    var image =
        ImageMaker.image()
            .layer(LayerCompression.GZIP, LayerEntry.file("big", "0".repeat(BIG_BYTES)))
            .program("tool", StaticProgram.compile(PlatformIT.TOOL))
            .make();
    ImagePush.to(platform.address(), "admin", platform.token()).push(image, "big", "1");

    JsonNode end = platform.ended(platform.run("big:1", PlatformIT.spec(), "say", "x", "0"));

    assertThat(end.path("message").asText()).containsIgnoringCase("no space left");
    assertThat(nodeDisk.toFile().getUsableSpace()).isGreaterThan(NODE_DISK_BYTES / 2);
    assertRuns();
  }

  @Test
  void a_native_runner_that_is_killed_is_started_again_and_its_container_runs() throws Exception {
    long killed = runnerPid();
    ProcessHandle.of(killed).orElseThrow().destroyForcibly();

    assertRuns();
    assertThat(runnerPid()).isNotEqualTo(killed);
  }

  @Test
  void containers_outlive_a_native_runner_that_is_killed_and_their_exit_is_told() throws Exception {
    String id = platform.run("tool:1", PlatformIT.spec(), "sleep", "4");
    platform.get("/v1/containers/" + id + "/wait?until=running&timeoutMs=30000");

    ProcessHandle.of(runnerPid()).orElseThrow().destroyForcibly();

    JsonNode end = platform.ended(id);
    assertThat(end.path("exitCode").asInt(-1)).as(end.toString()).isZero();
  }

  @Test
  void a_database_that_is_killed_under_load_loses_no_request_and_doubles_none() throws Exception {
    List<String> ids = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      if (i == 8) {
        ProcessHandle.of(databasePid()).orElseThrow().destroyForcibly();
      }
      ids.add(askPatiently("killed-" + i));
    }
    assertThat(ids).doesNotHaveDuplicates();
    for (String id : ids) {
      assertThat(platform.ended(id).path("exitCode").asInt(-1)).as(id).isZero();
    }
  }

  @Test
  void a_replication_slot_dropped_by_hand_is_made_anew_and_nothing_is_lost() throws Exception {
    dropSlot();

    assertRuns();
  }

  @Test
  void kcat_reads_the_events_with_their_headers() throws Exception {
    assumeTrue(isInstalled("kcat"), "kcat is not installed");
    assertRuns();

    String records =
        command(
            "kcat",
            "-C",
            "-e",
            "-q",
            "-b",
            endpoint("kafka"),
            "-t",
            "waybill.workloads",
            "-f",
            "%h %S\\n");

    assertThat(records)
        .contains("ce_specversion=1.0")
        .contains("ce_type=waybill.workload.v1.RunRequested")
        .contains("ce_source=/cells/local/platform-api")
        .contains("ce_sequence=1");
  }

  private static void assertRuns() throws IOException, InterruptedException {
    JsonNode end = platform.ended(platform.run("tool:1", PlatformIT.spec(), "say", "x", "3"));
    assertThat(end.path("exitCode").asInt(-1)).as(end.toString()).isEqualTo(3);
  }

  /** As a client does that must not ask twice: again with the same key until there is an answer. */
  private static String askPatiently(String key) throws IOException, InterruptedException {
    String body = "{\"spec\":{\"image\":\"tool:1\",\"command\":[\"say\",\"x\",\"0\"]}}";
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      HttpResponse<String> answer = platform.sendWithKey("/v1/containers", body, key);
      if (answer.statusCode() < 300) {
        return RunningPlatform.JSON.readTree(answer.body()).path("id").asText();
      }
      assertThat(System.nanoTime()).as(answer.body()).isLessThan(deadline);
      assertThat(answer.statusCode()).as(answer.body()).isEqualTo(503);
      TimeUnit.MILLISECONDS.sleep(100);
    }
  }

  private static void dropSlot() throws SQLException, IOException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    try (Connection database = DriverManager.getConnection(endpoint("postgres"), "postgres", "");
        Statement statement = database.createStatement()) {
      while (true) {
        try {
          statement.execute(
              "select pg_terminate_backend(active_pid) from pg_replication_slots where active");
          statement.execute("select pg_drop_replication_slot(slot_name) from pg_replication_slots");
          return;
        } catch (SQLException e) {
          // Its reader is still ending, or is back already.
          if (System.nanoTime() > deadline) {
            throw e;
          }
        }
      }
    }
  }

  private static String endpoint(String name) throws IOException {
    return RunningPlatform.JSON
        .readTree(directory.resolve("data/endpoints.json").toFile())
        .path(name)
        .asText();
  }

  private static long runnerPid() throws IOException {
    Path socket = Path.of(endpoint("runner_socket"));
    return Long.parseLong(Files.readString(socket.resolveSibling("service.pid")).strip());
  }

  private static long databasePid() throws IOException {
    Path file = directory.resolve("data/postgres/data/postmaster.pid");
    return Long.parseLong(Files.readAllLines(file).getFirst().strip());
  }

  private static boolean isInstalled(String program) throws InterruptedException, IOException {
    return new ProcessBuilder("sh", "-c", "command -v " + program).start().waitFor() == 0;
  }

  private static String command(String... words) throws IOException, InterruptedException {
    Process process = new ProcessBuilder(words).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor()).as(String.join(" ", words) + ": " + output).isZero();
    return output;
  }
}
