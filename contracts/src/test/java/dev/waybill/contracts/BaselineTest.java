package dev.waybill.contracts;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.TextFormat;
import dev.waybill.contracts.compatibility.Compatibility;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/**
 * The contracts against the committed baseline. An addition is taken over by {@code
 * -Dgolden.update}; a breakage is not.
 */
class BaselineTest {
  private static final Path BASELINE = Path.of("src/main/baseline/contracts.textproto");

  @Test
  void the_contracts_read_all_that_was_ever_written_and_the_baseline_knows_them_all()
      throws IOException {
    FileDescriptorSet now = Compatibility.baseline(new CompiledContracts().set());
    if (BASELINE.toFile().exists()) {
      assertThat(Compatibility.compare(Compatibility.read(BASELINE), now))
          .as("changes that break what is on the log")
          .isEmpty();
    }
    Golden.check(BASELINE, TextFormat.printer().printToString(now));
  }
}
