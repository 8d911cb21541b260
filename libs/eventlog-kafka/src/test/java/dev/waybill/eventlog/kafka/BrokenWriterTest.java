package dev.waybill.eventlog.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.waybill.contracts.Topic;
import dev.waybill.contracts.node.NodeRegistered;
import dev.waybill.embedded.EmbeddedBroker;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Writer;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The broker is away for longer than a writer waits. */
class BrokenWriterTest {
  private static final String SOURCE = "/cells/local/nodes/n1";
  private static final Set<Topic> TOPICS = Set.of(Topic.NODES);

  @TempDir Path directory;

  @Test
  void a_writer_that_cannot_know_what_was_committed_says_so_and_a_new_one_goes_on() {
    int port = EmbeddedBroker.freePort();
    EmbeddedBroker broker = EmbeddedBroker.start(directory, port);
    var impatient =
        Map.of(
            "bootstrap.servers", broker.bootstrap(),
            "max.block.ms", "5000",
            // With what it knows of the topic it sends, and only the commit finds nobody there.
            "metadata.recovery.strategy", "none");
    try (var log = new KafkaEventLog(Cell.LOCAL, impatient, (short) 1);
        Writer writer = log.openWriter(SOURCE, TOPICS)) {
      writer.append(List.of(registered("1")));
      broker.close();
      assertBroken(writer);
      broker = EmbeddedBroker.start(directory, port);
      // It doesn't heal: only reading the log tells what came of its last append.
      assertBroken(writer);
    }
    try (var log = KafkaEventLog.onLoopback(Cell.LOCAL, broker.bootstrap());
        Writer next = log.openWriter(SOURCE, TOPICS)) {
      long sequence = next.lastSequence();

      assertThat(sequence).isBetween(1L, 2L);
      assertThat(next.append(List.of(registered("3"))))
          .singleElement()
          .satisfies(r -> assertThat(r.event().sequence()).isEqualTo(sequence + 1));
    } finally {
      broker.close();
    }
  }

  private static void assertBroken(Writer writer) {
    assertThatExceptionOfType(Writer.BrokenException.class)
        .isThrownBy(() -> writer.append(List.of(registered("2"))))
        .withMessageContaining(SOURCE);
  }

  private static Draft registered(String number) {
    String id = "00000000-0000-7000-8000-00000000000" + number;
    NodeRegistered message = NodeRegistered.newBuilder().setNodeId("n1").build();
    return Draft.fact(id, message, Instant.EPOCH, Lineage.origin(id, "system/node", null));
  }
}
