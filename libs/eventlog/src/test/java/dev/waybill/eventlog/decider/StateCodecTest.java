package dev.waybill.eventlog.decider;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.eventlog.Lineage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

class StateCodecTest {
  private final StateCodec<Sample> codec = new StateCodec<>(Sample.class);

  enum Kind {
    ONE,
    TWO
  }

  record Part(String name, int count, ContainerSpec spec) {
    boolean isEmpty() {
      return count == 0;
    }

    public String getDerived() {
      return name + count;
    }
  }

  record Sample(
      TreePMap<String, Part> parts, List<String> names, Kind kind, Lineage lineage, Long absent) {}

  private static final Sample SAMPLE =
      new Sample(
          TreePMap.from(
              Map.of(
                  "b",
                      new Part(
                          "b",
                          2,
                          ContainerSpec.newBuilder().setImage("x").putEnv("k", "v").build()),
                  "a", new Part("a", 0, ContainerSpec.getDefaultInstance()))),
          List.of("z", "y"),
          Kind.TWO,
          new Lineage("r", null, "user/a", null),
          null);

  @Test
  void a_state_comes_back_as_it_was() {
    assertThat(codec.decode(codec.encode(SAMPLE))).isEqualTo(SAMPLE);
  }

  @Test
  void the_form_has_every_component_sorted_and_nothing_that_is_derived() {
    assertThat(new String(codec.encode(SAMPLE), StandardCharsets.UTF_8))
        .startsWith("{\"parts\":{\"a\":{\"name\":\"a\",\"count\":0,\"spec\":\"\"},\"b\":")
        .contains("\"kind\":\"TWO\"", "\"absent\":null")
        .doesNotContain("derived", "empty");
  }

  @Test
  void another_state_has_another_hash() {
    Sample other =
        new Sample(
            SAMPLE.parts().minus("a"), SAMPLE.names(), SAMPLE.kind(), SAMPLE.lineage(), null);
    assertThat(codec.hash(other)).isNotEqualTo(codec.hash(SAMPLE));
    assertThat(codec.hash(codec.decode(codec.encode(SAMPLE)))).isEqualTo(codec.hash(SAMPLE));
  }
}
