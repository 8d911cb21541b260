package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Partition;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ProgressTest {
  private static final Partition REGISTRY = new Partition(Topic.REGISTRY, 0);
  private static final Partition WORKLOADS = new Partition(Topic.WORKLOADS, 0);

  private final Progress progress = new Progress(Checkpoint.START);

  @Test
  void what_waits_for_an_answer_is_read_again() {
    progress.begin(REGISTRY, 4, 10);
    progress.begin(REGISTRY, 5, 12);
    progress.end(REGISTRY, 5);

    assertThat(progress.checkpoint()).isEqualTo(new Checkpoint(Map.of(REGISTRY, 4L), 10));
  }

  @Test
  void what_is_answered_is_skipped() {
    progress.begin(REGISTRY, 4, 10);
    progress.passed(WORKLOADS, 7);
    progress.end(REGISTRY, 4);

    assertThat(progress.checkpoint())
        .isEqualTo(new Checkpoint(Map.of(REGISTRY, 5L, WORKLOADS, 8L), 10));
  }

  @Test
  void a_checkpoint_reads_back_as_written(@TempDir Path dir) throws IOException {
    Checkpoint checkpoint = new Checkpoint(Map.of(REGISTRY, 5L, WORKLOADS, 8L), 10);
    checkpoint.write(dir.resolve("c.json"));

    assertThat(Checkpoint.read(dir.resolve("c.json"))).isEqualTo(checkpoint);
    assertThat(Checkpoint.read(dir.resolve("none.json"))).isEqualTo(Checkpoint.START);
  }
}
