package dev.waybill.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A full sample of every event, as JSON and as the bytes on the log. Bytes that a sample once had
 * are kept in {@code golden/older} when it is written anew: a log from that day still holds them.
 */
class GoldenSamplesTest {
  private static final Path GOLDEN = Path.of("src/test/resources/golden");
  private static final Path OLDER = GOLDEN.resolve("older");
  private static final String HEX = ".binpb.hex";
  private static final JsonFormat.Printer JSON = JsonFormat.printer().sortingMapKeys();

  static Stream<EventType> events() {
    return EventCatalog.all().stream();
  }

  @ParameterizedTest
  @MethodSource("events")
  void a_full_sample_is_written_as_it_ever_was(EventType type) throws IOException {
    for (int i = 0; i < Sample.variants(type.prototype().getDescriptorForType()); i++) {
      String name = type.name() + (i == 0 ? "" : "-" + (i + 1));
      Message sample = new Sample(i).of(type.prototype());
      String hex = wrapped(EventCatalog.encode(sample));
      keepOlder(name, hex);
      Golden.check(GOLDEN.resolve(name + HEX), hex);
      Golden.check(GOLDEN.resolve(name + ".json"), JSON.print(sample) + "\n");
    }
  }

  @Test
  void every_sample_that_was_ever_written_is_still_read_without_loss() throws IOException {
    for (Path file : files()) {
      String typeName = file.getFileName().toString().replaceFirst("(-\\d+)*\\.binpb\\.hex$", "");
      byte[] bytes = bytes(Files.readString(file));
      Message message = EventCatalog.find(typeName).orElseThrow().parse(bytes);
      assertThat(message.getSerializedSize()).as("%s", file).isEqualTo(bytes.length);
    }
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> all = Files.walk(GOLDEN)) {
      return all.filter(file -> file.toString().endsWith(HEX)).toList();
    }
  }

  private static void keepOlder(String name, String hex) throws IOException {
    Path current = GOLDEN.resolve(name + HEX);
    if (Golden.updating() && Files.exists(current) && !Files.readString(current).equals(hex)) {
      Files.createDirectories(OLDER);
      int number = 1;
      while (Files.exists(OLDER.resolve(name + "-" + number + HEX))) {
        number++;
      }
      Files.move(current, OLDER.resolve(name + "-" + number + HEX));
    }
  }

  /** 32 bytes on a line, so that a difference is seen where it is. */
  private static String wrapped(byte[] bytes) {
    return HexFormat.of().formatHex(bytes).replaceAll("(.{1,64})", "$1\n");
  }

  private static byte[] bytes(String hex) {
    return HexFormat.of().parseHex(hex.replace("\n", ""));
  }
}
