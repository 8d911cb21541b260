package dev.waybill.noderunner.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.noderunner.layer.UnpackOutcome.Refused;
import dev.waybill.noderunner.layer.UnpackOutcome.Unpacked;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Archives as GNU tar packs them with {@code --sparse}. */
class SparseFilesTest {
  private static final int PIECES = 40;
  private static final int APART = 1 << 20;

  @TempDir Path directory;
  private Path source;

  @BeforeEach
  void makeFile() throws IOException {
    assumeTrue("root".equals(System.getProperty("user.name")), "needs root");
    source = Files.createDirectory(directory.resolve("source"));
    try (FileChannel file =
        FileChannel.open(
            source.resolve("sparse"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      for (int i = 0; i < PIECES; i++) {
        byte[] piece = new byte[4096 * (1 + i % 3)];
        Arrays.fill(piece, (byte) (i + 1));
        file.write(ByteBuffer.wrap(piece), (long) i * APART);
      }
      file.write(ByteBuffer.wrap(new byte[1]), (long) PIECES * APART);
    }
    Files.writeString(source.resolve("z"), "comes after");
  }

  private byte[] archive(String... options) throws Exception {
    Path file = directory.resolve("archive.tar");
    List<String> command = new ArrayList<>(List.of("tar", "-C", source.toString()));
    command.addAll(List.of(options));
    command.addAll(List.of("-cf", file.toString(), "sparse", "z"));
    assertThat(new ProcessBuilder(command).inheritIO().start().waitFor()).isZero();
    return Files.readAllBytes(file);
  }

  private UnpackOutcome unpack(byte[] archive) throws IOException {
    Path into = Files.createDirectories(directory.resolve("layer"));
    return new LayerUnpacker(UnpackLimits.DEFAULT).unpack(new ByteArrayInputStream(archive), into);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--format=gnu",
        "--format=posix --sparse-version=0.1",
        "--format=posix --sparse-version=1.0"
      })
  void holes_stay_holes_and_the_rest_arrives(String format) throws Exception {
    List<String> options = new ArrayList<>(List.of(format.split(" ")));
    options.add("--sparse");
    byte[] archive = archive(options.toArray(String[]::new));
    assertThat(archive.length).isLessThan(2 << 20);

    assertThat(unpack(archive)).isInstanceOf(Unpacked.class);

    Path made = directory.resolve("layer/sparse");
    assertThat(Files.mismatch(source.resolve("sparse"), made)).isEqualTo(-1);
    assertThat(blocks(made)).isLessThan(2048);
    assertThat(directory.resolve("layer/z")).hasContent("comes after");
  }

  private static long blocks(Path file) throws IOException {
    Process stat = new ProcessBuilder("stat", "-c", "%b", file.toString()).start();
    return Long.parseLong(
        new String(stat.getInputStream().readAllBytes(), StandardCharsets.US_ASCII).strip());
  }

  @Test
  void the_form_that_loses_its_pieces_is_refused_with_advice() throws Exception {
    byte[] archive = archive("--format=posix", "--sparse-version=0.0", "--sparse");

    assertThat(unpack(archive))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> assertThat(refused.message()).contains("use --sparse-version=1.0"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "10 | 4,2,3,1   | overlap",
        "10 | 8,3       | doesn't fit",
        "10 | 0,2       | doesn't fit",
        "10 | 0,3,5     | a sparse map of 3 numbers",
        "10 | a,3       | no number",
        "99999999999999 | 0,3 | over the limit"
      })
  void a_map_that_makes_no_sense_is_refused(long size, String map, String message) {
    assertThatThrownBy(() -> SparseMap.ofText(map, size).requireFits(3, 1 << 30))
        .isInstanceOf(LayerRefusedException.class)
        .hasMessageContaining(message);
  }
}
