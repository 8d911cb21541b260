package dev.waybill.nativerunner.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.nativerunner.spec.Problem;
import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ContainerCgroupTest {
  @TempDir Path dir;

  private static Resources memory(String members) throws SpecFormatException {
    return resources("{\"memory\":{" + members + "}}");
  }

  private static Resources resources(String json) throws SpecFormatException {
    return SpecCodec.readResources(json.getBytes(StandardCharsets.UTF_8));
  }

  private static final CgroupLayout VERSION_2 =
      new CgroupLayout(new TreeMap<>(), "/sys/fs/cgroup", new TreeSet<>(List.of("memory", "io")));

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

  private List<String> updates(String json) throws Exception {
    ContainerCgroup cgroup = new ContainerCgroup(Map.of("unified", dir.toString()));
    return cgroup.updates(resources(json)).stream()
        .map(w -> dir.relativize(Path.of(w.path())) + " " + w.value())
        .toList();
  }

  @Test
  void of_a_pair_of_version_2_the_value_that_nobody_changes_stays() throws Exception {
    Files.writeString(dir.resolve("cpu.max"), "50000 100000\n");
    Files.writeString(dir.resolve("memory.max"), "4096\n");

    assertThat(updates("{\"cpu\":{\"quota\":70000}}")).containsExactly("cpu.max 70000");
    assertThat(updates("{\"cpu\":{\"period\":80000}}")).containsExactly("cpu.max 50000 80000");
    assertThat(updates("{\"memory\":{\"swap\":8192}}"))
        .containsExactly("memory.max 4096", "memory.swap.max 4096");
    assertThat(updates("{\"unified\":{\"memory.high\":\"99\"}}")).containsExactly("memory.high 99");
  }

  @Test
  void weights_are_those_of_bfq_where_a_cgroup_has_them() throws Exception {
    String weight = "{\"blockIO\":{\"weight\":500}}";
    assertThat(updates(weight)).containsExactly("io.weight 4950");
    Files.createFile(dir.resolve(CgroupLayout.BFQ));
    assertThat(updates(weight)).containsExactly("io.bfq.weight 500");
  }

  @ParameterizedTest
  @CsvSource({"96,64,false", "64,64,false", "-1,64,false", "63,64,true", "96,0,true"})
  void swap_is_limited_together_with_memory_or_not_at_all(long swap, long limit, boolean refused)
      throws Exception {
    Resources wanted = memory("\"swap\":%d,\"limit\":%d".formatted(swap, limit));

    assertThat(CgroupPlan.of("/a", wanted, VERSION_2).refusals().isEmpty()).isNotEqualTo(refused);
  }
}
