package dev.waybill.scheduling.placement;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.container.FilteredNodes;
import dev.waybill.contracts.spec.Resources;
import dev.waybill.contracts.workload.Placement;
import dev.waybill.testkit.seed.Seeds;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class PlacerTest {
  private static final long GIBIBYTE = 1L << 30;

  @Test
  void bin_packing_prefers_the_fuller_node() {
    Placer.Verdict verdict =
        Placer.place(
            resources(100, GIBIBYTE),
            Placement.PLACEMENT_BINPACK,
            List.of(room("a", 4000, 0, 0), room("b", 4000, 2000, 0)));

    assertThat(verdict.candidates().getFirst().getNodeId()).isEqualTo("b");
    assertThat(verdict.candidates()).hasSize(2);
    assertThat(verdict.candidates().getFirst().getExplanation()).contains("cpu 525‰");
  }

  @Test
  void spreading_prefers_the_node_with_fewer_of_the_same_workload() {
    Placer.Verdict verdict =
        Placer.place(
            resources(100, 0),
            Placement.PLACEMENT_SPREAD,
            List.of(room("a", 4000, 0, 1), room("b", 4000, 3000, 0)));

    assertThat(verdict.candidates().getFirst().getNodeId()).isEqualTo("b");
  }

  @Test
  void equal_nodes_are_told_apart_by_their_names() {
    List<Room> rooms = List.of(room("z", 1000, 0, 0), room("a", 1000, 0, 0));

    assertThat(
            Placer.place(resources(1, 0), Placement.PLACEMENT_BINPACK, rooms)
                .candidates()
                .getFirst()
                .getNodeId())
        .isEqualTo("a");
  }

  @Test
  void each_constraint_counts_the_nodes_that_it_leaves_out() {
    Room lost =
        new Room("l", true, false, "amd64", resources(9000, GIBIBYTE), resources(0, 0), 0, false);
    Room closed =
        new Room("c", false, true, "amd64", resources(9000, GIBIBYTE), resources(0, 0), 0, false);

    Placer.Verdict verdict =
        Placer.place(
            resources(5000, 0),
            Placement.PLACEMENT_BINPACK,
            List.of(lost, closed, room("s1", 1000, 0, 0), room("s2", 2000, 0, 0)));

    assertThat(verdict.candidates()).isEmpty();
    assertThat(verdict.filtered().stream().map(FilteredNodes::getConstraint))
        .containsExactly("cordoned", "cpu", "lost");
    assertThat(verdict.filtered().get(1).getNodes()).isEqualTo(2);
  }

  @Test
  void no_sequence_of_placements_promises_more_than_a_node_has() {
    Seeds.forEachSeed(
        200,
        seed -> {
          var random = new SplittableRandom(seed);
          Map<String, Long> capacity = new HashMap<>();
          Map<String, Long> promised = new HashMap<>();
          for (int n = 0; n < random.nextInt(1, 6); n++) {
            capacity.put("n" + n, random.nextLong(100, 5000));
          }
          for (int i = 0; i < 50; i++) {
            long wanted = random.nextLong(0, 1500);
            List<Room> rooms = new ArrayList<>();
            capacity.forEach(
                (id, cpu) -> rooms.add(room(id, cpu, promised.getOrDefault(id, 0L), 0)));
            Placement how =
                random.nextBoolean() ? Placement.PLACEMENT_SPREAD : Placement.PLACEMENT_BINPACK;
            Placer.Verdict verdict = Placer.place(resources(wanted, 0), how, rooms);
            if (!verdict.candidates().isEmpty()) {
              promised.merge(verdict.candidates().getFirst().getNodeId(), wanted, Long::sum);
            } else {
              assertThat(verdict.filtered().getFirst().getNodes()).isEqualTo(capacity.size());
            }
          }
          promised.forEach((id, sum) -> assertThat(sum).isLessThanOrEqualTo(capacity.get(id)));
        });
  }

  private static Resources resources(long cpuMillis, long memory) {
    return Resources.newBuilder()
        .setCpuMillis(cpuMillis)
        .setMemoryBytes(memory)
        .setPids(memory == 0 ? 0 : 1)
        .build();
  }

  private static Room room(String id, long cpu, long promisedCpu, int same) {
    Resources capacity =
        Resources.newBuilder().setCpuMillis(cpu).setMemoryBytes(8 * GIBIBYTE).setPids(100).build();
    return new Room(id, true, true, "amd64", capacity, resources(promisedCpu, 0), same, false);
  }
}
