package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.container.TimerFired;
import dev.waybill.contracts.container.TimerSet;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.workload.NetworkDeclared;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.contracts.workload.WorkloadScaled;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.decider.Decider;
import dev.waybill.eventlog.decider.DeciderLoop;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.eventlog.decider.Replay;
import dev.waybill.networking.NetworkingDecider;
import dev.waybill.networking.NetworkingState;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.scheduling.SchedulingDecider;
import dev.waybill.scheduling.SchedulingState;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.workload.Workload;
import dev.waybill.testkit.seed.Seeds;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * A whole cell in one thread: users change their minds, containers die, deciders are killed, gate
 * policies and recalls come and go.
 */
class CellSimulationTest {
  private static final int CELLS = 40;
  private static final int STEPS = 120;
  private static final int STEPS_TO_SETTLE = 400;

  @Test
  void whatever_happens_the_cell_settles_and_every_history_is_decided_the_same_again() {
    Seeds.forEachSeed(CELLS, seed -> new Simulation(seed).run());
  }

  private static final class Simulation {
    private final SimulatedWorld world;
    private final SimulatedGate gate;
    private final Map<String, Integer> wanted = new TreeMap<>();
    private final Map<String, Integer> revisions = new HashMap<>();
    private DeciderLoop<SchedulingState> scheduling;
    private DeciderLoop<NetworkingState> networking;
    private DeciderLoop<RegistryState> registry;

    Simulation(long seed) {
      this.world = new SimulatedWorld(seed);
      this.gate = new SimulatedGate(world);
      this.scheduling = scheduling();
      this.networking = networking();
      this.registry = registry();
    }

    void run() {
      world.say(
          "/sim/user",
          Topic.WORKLOADS,
          NetworkDeclared.newBuilder().setName("bridge").setSubnet("10.9.0.0/22").build());
      world.node("n1", 8000);
      world.node("n2", 4000);
      for (int i = 0; i < STEPS; i++) {
        disturb();
        turn();
        checkInvariants();
      }
      gate.calmDown();
      for (int i = 0; i < STEPS_TO_SETTLE; i++) {
        world.pass(Duration.ofSeconds(1));
        turn();
      }
      checkSettled();
      checkReplays();
    }

    private void disturb() {
      world.pass(Duration.ofMillis(world.random.nextInt(1, 2000)));
      String name = "w" + world.random.nextInt(4);
      switch (world.random.nextInt(10)) {
        case 0, 1 -> apply(name);
        case 2 -> scale(name);
        case 3 -> remove(name);
        case 4, 5 -> kill();
        case 6 -> restartADecider();
        case 7 -> gate.disturb();
        default -> {
          // Nothing: time passes.
        }
      }
    }

    private void apply(String name) {
      int replicas = world.random.nextInt(0, 4);
      wanted.put(name, replicas);
      world.say(
          "/sim/user",
          Topic.WORKLOADS,
          WorkloadApplied.newBuilder()
              .setName(name)
              .setNamespace("default")
              .setRevision(revisions.merge(name, 1, Integer::sum))
              .setReplicas(replicas)
              .setSpec(ContainerSpec.newBuilder().setImage("web:1"))
              .build());
    }

    private void scale(String name) {
      if (wanted.containsKey(name)) {
        int replicas = world.random.nextInt(0, 5);
        wanted.put(name, replicas);
        world.say(
            "/sim/user",
            Topic.WORKLOADS,
            WorkloadScaled.newBuilder()
                .setName(name)
                .setNamespace("default")
                .setReplicas(replicas)
                .build());
      }
    }

    private void remove(String name) {
      if (wanted.remove(name) != null) {
        world.say(
            "/sim/user",
            Topic.WORKLOADS,
            WorkloadRemoved.newBuilder().setName(name).setNamespace("default").build());
      }
    }

    private void kill() {
      if (!world.running.isEmpty()) {
        List<String> ids = List.copyOf(world.running);
        world.exit(ids.get(world.random.nextInt(ids.size())), 137);
      }
    }

    /** The state of the killed one is lost; the next one has the log, and sometimes a snapshot. */
    private void restartADecider() {
      switch (world.random.nextInt(3)) {
        case 0 -> {
          if (world.random.nextBoolean()) {
            scheduling.snapshot();
          }
          scheduling = scheduling();
        }
        case 1 -> networking = networking();
        default -> registry = registry();
      }
    }

    private void turn() {
      scheduling.step();
      registry.step();
      world.act();
      scheduling.step();
      networking.step();
    }

    private void checkInvariants() {
      Map<String, Integer> live = new HashMap<>();
      for (Container container : scheduling.state().containers().values()) {
        if (container.phase().isLive()) {
          live.merge(
              container.workloadKey() + "#" + container.request().getSlot(), 1, Integer::sum);
        }
      }
      assertThat(live.values()).as("one live container in each place").allMatch(n -> n == 1);
    }

    private void checkSettled() {
      assertThat(world.isIdle()).isTrue();
      Map<String, Integer> running = new TreeMap<>();
      wanted.keySet().forEach(name -> running.put(name, 0));
      for (String id : world.running) {
        String workload = scheduling.state().containers().get(id).request().getWorkload();
        running.merge(workload, 1, Integer::sum);
      }
      assertThat(running).as("running of each workload; %s", describe()).isEqualTo(wanted);
      for (Map.Entry<String, Integer> entry : wanted.entrySet()) {
        Workload workload =
            scheduling.state().workloads().get(Workload.key("default", entry.getKey()));
        assertThat(workload.settledRevision()).isEqualTo(revisions.get(entry.getKey()));
      }
    }

    private String describe() {
      var text = new StringBuilder();
      for (Container c : scheduling.state().containers().values()) {
        text.append(c.request().getName())
            .append('@')
            .append(c.request().getRevision())
            .append(' ')
            .append(c.phase())
            .append(' ')
            .append(scheduling.state().image(c).standing())
            .append(' ')
            .append(c.note())
            .append("; ");
      }
      return text.append(scheduling.state().timers().keySet()).toString();
    }

    private void checkReplays() {
      scheduling.snapshot();
      networking.snapshot();
      registry.snapshot();
      assertAgrees(new SchedulingDecider(), SchedulingState.class);
      assertAgrees(new NetworkingDecider(), NetworkingState.class);
      assertAgrees(new RegistryDecider(), RegistryState.class);
    }

    private <S> void assertAgrees(Decider<S> decider, Class<S> type) {
      Replay.Outcome outcome =
          new Replay<>(world.log(), decider, Cell.LOCAL.source(decider.name()), type).run();
      assertThat(outcome).isInstanceOf(Replay.Outcome.Agrees.class);
      assertThat(((Replay.Outcome.Agrees) outcome).hashes()).isPositive();
    }

    private DeciderLoop<SchedulingState> scheduling() {
      return loop(new SchedulingDecider(), SchedulingState.class, Simulation::dueTimers);
    }

    private DeciderLoop<NetworkingState> networking() {
      return loop(new NetworkingDecider(), NetworkingState.class, Observer.blind());
    }

    private DeciderLoop<RegistryState> registry() {
      return loop(new RegistryDecider(), RegistryState.class, gate);
    }

    private static List<Message> dueTimers(SchedulingState state, Instant now) {
      return state.timers().values().stream()
          .filter(timer -> timer.getDueMs() <= now.toEpochMilli())
          .<Message>map(Simulation::fired)
          .toList();
    }

    private static TimerFired fired(TimerSet timer) {
      return TimerFired.newBuilder()
          .setTimerId(timer.getTimerId())
          .setPurpose(timer.getPurpose())
          .setSubject(timer.getSubject())
          .build();
    }

    private <S> DeciderLoop<S> loop(Decider<S> decider, Class<S> type, Observer<S> observer) {
      return new DeciderLoop<>(
          new DeciderLoop.Parts<>(
              world.log(),
              decider,
              type,
              Cell.LOCAL.source(decider.name()),
              observer,
              world::now,
              world::nextId,
              records -> {}));
    }
  }
}
