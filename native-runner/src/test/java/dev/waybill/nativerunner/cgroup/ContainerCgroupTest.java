package dev.waybill.nativerunner.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerCgroupTest {
  @TempDir Path dir;

  private static Resources memory(String members) throws SpecFormatException {
    String json = "{\"memory\":{" + members + "}}";
    return SpecCodec.readResources(json.getBytes(StandardCharsets.UTF_8));
  }

  @ParameterizedTest
  @CsvSource({"unified,memory.current", "memory,memory.usage_in_bytes"})
  void a_limit_below_what_is_used_is_refused_where_the_configuration_wants_it_checked(
      String controller, String usage) throws Exception {
    Files.writeString(dir.resolve(usage), "4096\n");
    ContainerCgroup cgroup = new ContainerCgroup(Map.of(controller, dir.toString()));

    assertThat(cgroup.belowUsage(memory("\"limit\":4095,\"checkBeforeUpdate\":true")))
        .contains(
            new Problem(
                "memory.limit", "4095 bytes are less than the 4096 that the container uses"));
    assertThat(cgroup.belowUsage(memory("\"limit\":4096,\"checkBeforeUpdate\":true"))).isEmpty();
    assertThat(cgroup.belowUsage(memory("\"limit\":-1,\"checkBeforeUpdate\":true"))).isEmpty();
    assertThat(cgroup.belowUsage(memory("\"limit\":4095"))).isEmpty();
  }

  @Test
  void a_host_that_does_not_tell_the_usage_stops_no_update() throws Exception {
    ContainerCgroup cgroup = new ContainerCgroup(Map.of("unified", dir.toString()));

    assertThat(cgroup.belowUsage(memory("\"limit\":1,\"checkBeforeUpdate\":true"))).isEmpty();
  }
}
