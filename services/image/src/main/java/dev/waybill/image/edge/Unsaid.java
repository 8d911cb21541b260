package dev.waybill.image.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.google.protobuf.Message;
import dev.waybill.contracts.EventCatalog;
import dev.waybill.contracts.EventType;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Lineage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Facts that are about to become true and to be said: kept in a file each from before the deed
 * until after the word, so that a crash in between can't swallow the word.
 */
final class Unsaid {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final String SUFFIX = ".json";

  private final Path directory;

  private Unsaid(Path directory) {
    this.directory = directory;
  }

  static Unsaid open(Path data) throws IOException {
    return new Unsaid(Files.createDirectories(data.resolve("unsaid")));
  }

  /** Keeps these until {@link #remove}. */
  Path keep(List<Draft> drafts) throws IOException {
    ArrayNode all = JsonNodeFactory.instance.arrayNode();
    for (Draft draft : drafts) {
      Lineage lineage = draft.lineage();
      all.addObject()
          .put("id", draft.id())
          .put("type", draft.type().name())
          .put("data", EventCatalog.encode(draft.payload()))
          .put("time", draft.time().toString())
          .put("correlation", lineage.correlationId())
          .put("causation", lineage.causationId())
          .put("actor", lineage.actor())
          .put("traceparent", lineage.traceparent());
    }
    // The ids are unique, and those made later sort later.
    Path file = directory.resolve(drafts.getFirst().id() + SUFFIX);
    Path temporary = directory.resolve(drafts.getFirst().id() + ".new");
    Files.write(temporary, MAPPER.writeValueAsBytes(all));
    return Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  /** The files that are kept; half-written ones are removed, their deed was never begun. */
  List<Path> all() throws IOException {
    List<Path> found = new ArrayList<>();
    try (Stream<Path> files = Files.list(directory)) {
      for (Path file : files.sorted().toList()) {
        if (file.toString().endsWith(SUFFIX)) {
          found.add(file);
        } else {
          Files.delete(file);
        }
      }
    }
    return found;
  }

  List<Draft> read(Path file) throws IOException {
    List<Draft> drafts = new ArrayList<>();
    for (JsonNode kept : MAPPER.readTree(file.toFile())) {
      EventType type = EventCatalog.find(kept.path("type").asText()).orElseThrow();
      Message payload = type.parse(kept.path("data").binaryValue());
      Lineage lineage =
          new Lineage(
              kept.path("correlation").asText(),
              text(kept, "causation"),
              kept.path("actor").asText(),
              text(kept, "traceparent"));
      Instant time = Instant.parse(kept.path("time").asText());
      drafts.add(Draft.fact(kept.path("id").asText(), payload, time, lineage));
    }
    return drafts;
  }

  private static @Nullable String text(JsonNode node, String field) {
    return node.hasNonNull(field) ? node.path(field).asText() : null;
  }

  void remove(Path file) throws IOException {
    Files.deleteIfExists(file);
  }
}
