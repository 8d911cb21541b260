package dev.waybill.image.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.eventlog.Partition;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.TreeMap;

/**
 * Where to begin reading after a restart: before these offsets everything is answered. Losing it
 * costs time, never an answer, since what was answered is on the log.
 *
 * @param inputs by partition
 * @param answers offset in {@code waybill.images} from where on the answers to later requests are
 */
record Checkpoint(Map<Partition, Long> inputs, long answers) {
  static final Checkpoint START = new Checkpoint(Map.of(), 0);

  private static final ObjectMapper MAPPER = new ObjectMapper();

  static Checkpoint read(Path file) throws IOException {
    if (!Files.exists(file)) {
      return START;
    }
    JsonNode root = MAPPER.readTree(file.toFile());
    Map<Partition, Long> inputs = new TreeMap<>();
    root.path("inputs")
        .properties()
        .forEach(
            entry -> inputs.put(Partition.parse(entry.getKey()), entry.getValue().longValue()));
    return new Checkpoint(inputs, root.path("answers").longValue());
  }

  void write(Path file) throws IOException {
    Map<String, Long> shown = new TreeMap<>();
    inputs.forEach((partition, offset) -> shown.put(partition.toString(), offset));
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    MAPPER.writeValue(temporary.toFile(), Map.of("inputs", shown, "answers", answers));
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }
}
