package dev.waybill.registrysync.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.LookDue;
import dev.waybill.contracts.registry.VerdictLapsed;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.registrysync.gate.GateState;
import dev.waybill.registrysync.gate.Look;
import dev.waybill.registrysync.gate.Standing;
import dev.waybill.registrysync.gate.Subject;
import dev.waybill.registrysync.gate.Trust;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * The gate's eyes and clock: looks for the evidence that the state wants, looks again for what is
 * held, each time after a longer while, and says when a verdict's time is over.
 */
final class EvidenceWatch implements Observer<RegistryState>, AutoCloseable {
  private static final int LOOKS_AT_ONCE_MAX = 8;
  private static final Duration FIRST_AGAIN = Duration.ofSeconds(2);
  private static final Duration AGAIN_MAX = Duration.ofMinutes(5);
  private static final int DOUBLINGS_MAX = 10;

  private final EvidenceSearch search;
  private final BlockingQueue<EvidenceFound> ended = new ArrayBlockingQueue<>(LOOKS_AT_ONCE_MAX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();

  /** Ids of looks under way. Like all below, only the decider's thread touches it. */
  private final Set<String> underWay = new HashSet<>();

  private final Map<String, Again> held = new TreeMap<>();

  EvidenceWatch(EvidenceSearch search) {
    this.search = search;
  }

  /** When a held digest is looked at again. */
  private record Again(int looks, Instant next) {}

  @Override
  public List<Message> observe(RegistryState state, Instant now) {
    GateState gate = state.gate();
    var observed = new ArrayList<Message>();
    String trusted = Trust.of(gate.policies().values()).id();
    for (EvidenceFound found = ended.poll(); found != null; found = ended.poll()) {
      underWay.remove(found.getLook());
      Look wanted = gate.looks().get(found.getRepository() + "@" + found.getDigest());
      boolean asked = wanted != null && wanted.id().equals(found.getLook());
      // What was held against yesterday's keys is looked for again: the look is still wanted.
      if (asked && found.getTrust().equals(trusted)) {
        observed.add(found);
      }
    }
    for (Look look : gate.looks().values()) {
      if (!observedJustNow(observed, look)
          && underWay.size() < LOOKS_AT_ONCE_MAX
          && underWay.add(look.id())) {
        Trust trust = Trust.of(gate.policies().values());
        threads.submit(() -> look(look, trust));
      }
    }
    lapsed(gate, now, observed);
    lookAgain(gate, now, observed);
    return observed;
  }

  private static boolean observedJustNow(List<Message> observed, Look look) {
    return observed.stream()
        .anyMatch(m -> m instanceof EvidenceFound found && found.getLook().equals(look.id()));
  }

  private void look(Look look, Trust trust) {
    EvidenceFound found;
    try {
      found = search.search(look, trust);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
      return;
    } catch (RuntimeException e) {
      // Whatever a stranger's document does to us must end this look, not all of them.
      found =
          EvidenceFound.newBuilder()
              .setDigest(look.subject().digest())
              .setIndexDigest(look.subject().indexDigest())
              .setRepository(look.subject().repository())
              .setLook(look.id())
              .setTrust(trust.id())
              .addFaults(String.valueOf(e))
              .build();
    }
    try {
      ended.put(found);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private static void lapsed(GateState gate, Instant now, List<Message> observed) {
    for (Map.Entry<String, Standing> verdict : gate.verdicts().entrySet()) {
      long dueMs = verdict.getValue().judgeAgainMs();
      Subject subject = gate.subjects().get(verdict.getKey());
      if (dueMs > 0 && now.toEpochMilli() >= dueMs && subject != null) {
        observed.add(
            VerdictLapsed.newBuilder()
                .setNamespace(subject.namespace())
                .setName(subject.name())
                .setDigest(subject.digest())
                .build());
      }
    }
  }

  private void lookAgain(GateState gate, Instant now, List<Message> observed) {
    var waiting = new TreeMap<String, Subject>();
    if (gate.verdicts().values().stream().anyMatch(standing -> !standing.released())) {
      for (Subject subject : gate.live().stream().filter(gate::needsEvidence).toList()) {
        Standing standing = gate.verdicts().get(subject.key());
        if (standing != null
            && !standing.released()
            && !gate.looks().containsKey(subject.place())) {
          waiting.put(subject.digest(), subject);
        }
      }
    }
    held.keySet().retainAll(waiting.keySet());
    for (String digest : waiting.keySet()) {
      Again again = held.computeIfAbsent(digest, _ -> new Again(0, now.plus(FIRST_AGAIN)));
      if (!now.isBefore(again.next())) {
        int looks = again.looks() + 1;
        held.put(digest, new Again(looks, now.plus(pause(looks))));
        observed.add(LookDue.newBuilder().setDigest(digest).setLookNumber(looks).build());
      }
    }
  }

  private static Duration pause(int looks) {
    Duration doubled = FIRST_AGAIN.multipliedBy(1L << Math.min(looks, DOUBLINGS_MAX));
    return doubled.compareTo(AGAIN_MAX) > 0 ? AGAIN_MAX : doubled;
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
