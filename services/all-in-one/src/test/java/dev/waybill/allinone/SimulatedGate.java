package dev.waybill.allinone;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.LookDue;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.workload.GatePolicyDeclared;
import dev.waybill.contracts.workload.GatePolicyWithdrawn;
import dev.waybill.contracts.workload.RecallLiftRequested;
import dev.waybill.contracts.workload.RecallRequested;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.registrysync.gate.GateState;
import dev.waybill.registrysync.gate.Look;
import dev.waybill.registrysync.gate.Standing;
import dev.waybill.registrysync.gate.Subject;
import dev.waybill.registrysync.gate.Trust;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Who sets gate policies and recalls, and looks that find evidence or don't. */
final class SimulatedGate implements Observer<RegistryState> {
  private static final String BASE = "docker.io/library/base@sha256:" + "ef".repeat(32);

  private final SimulatedWorld world;
  private boolean calm;

  SimulatedGate(SimulatedWorld world) {
    this.world = world;
  }

  void disturb() {
    String policy = "p" + world.random.nextInt(2);
    switch (world.random.nextInt(5)) {
      case 0, 1 -> declare(policy);
      case 2 -> say(GatePolicyWithdrawn.newBuilder().setName(policy).build());
      case 3 ->
          say(
              RecallRequested.newBuilder()
                  .setDigest(SimulatedWorld.DIGEST)
                  .setEvict(world.random.nextBoolean())
                  .setWaveSize(world.random.nextInt(0, 3))
                  .build());
      default -> say(RecallLiftRequested.newBuilder().setDigest(SimulatedWorld.DIGEST).build());
    }
  }

  private void declare(String policy) {
    var asked = GatePolicy.newBuilder();
    if (world.random.nextBoolean()) {
      asked.addBaseImages(BASE);
    }
    say(GatePolicyDeclared.newBuilder().setName(policy).setPolicy(asked).build());
  }

  /** From now on nothing is recalled and every look finds what it is for; policies stay. */
  void calmDown() {
    calm = true;
    say(RecallLiftRequested.newBuilder().setDigest(SimulatedWorld.DIGEST).build());
  }

  private void say(Message message) {
    world.say("/sim/user", Topic.WORKLOADS, message);
  }

  @Override
  public List<Message> observe(RegistryState state, Instant now) {
    GateState gate = state.gate();
    var observed = new ArrayList<Message>();
    for (Look look : gate.looks().values()) {
      if (calm || world.random.nextBoolean()) {
        observed.add(found(look, Trust.of(gate.policies().values())));
      }
    }
    if (observed.isEmpty()) {
      for (Subject subject : gate.live()) {
        Standing standing = gate.verdicts().get(subject.key());
        if (standing != null && !standing.released() && world.random.nextInt(4) == 0) {
          observed.add(LookDue.newBuilder().setDigest(subject.digest()).build());
        }
      }
    }
    return observed;
  }

  private EvidenceFound found(Look look, Trust trust) {
    var found =
        EvidenceFound.newBuilder()
            .setDigest(look.subject().digest())
            .setIndexDigest(look.subject().indexDigest())
            .setRepository(look.subject().repository())
            .setLook(look.id())
            .setTrust(trust.id());
    if (calm || world.random.nextBoolean()) {
      found.addBases(BASE);
    }
    return found.build();
  }
}
