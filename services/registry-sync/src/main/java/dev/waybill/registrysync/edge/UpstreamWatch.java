package dev.waybill.registrysync.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.registry.SyncFailed;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.registrysync.policy.Policy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Registry-sync's eyes on upstreams. A policy that mirrors is looked after right after it was set,
 * when somebody asks, and at its interval. Looks run on threads of their own; what they find waits
 * in a bounded queue until the decider's loop comes by.
 */
final class UpstreamWatch implements Observer<RegistryState>, AutoCloseable {
  private static final int LOOKS_AT_ONCE_MAX = 8;
  private static final int FOUND_MAX = 64;

  private final Upstream upstream;
  private final BlockingQueue<Look> ended = new ArrayBlockingQueue<>(FOUND_MAX);
  private final Semaphore permits = new Semaphore(LOOKS_AT_ONCE_MAX);
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Watched> watched = new TreeMap<>();

  UpstreamWatch(Upstream upstream) {
    this.upstream = upstream;
  }

  /**
   * A look that is over.
   *
   * @param found digest by reference
   * @param failure why there is nothing to say
   */
  private record Look(Policy policy, TreeMap<String, String> found, @Nullable String failure) {}

  /** What is remembered of a policy between looks. Only the decider's thread touches it. */
  private static final class Watched {
    private int version;
    private @Nullable String request;
    private boolean looking;
    private Instant next = Instant.MIN;
    private @Nullable String failure;
  }

  @Override
  public List<Message> observe(RegistryState state, Instant now) {
    var observed = new ArrayList<Message>();
    for (Look look = ended.poll(); look != null; look = ended.poll()) {
      note(state, look, now, observed);
    }
    watched.keySet().retainAll(state.policies().keySet());
    state.policies().values().stream()
        .filter(policy -> policy.set().getMirror())
        .forEach(policy -> lookIfDue(policy, state.syncRequested().get(policy.name()), now));
    return observed;
  }

  private void note(RegistryState state, Look look, Instant now, List<Message> observed) {
    Watched seen = watched.get(look.policy().name());
    if (seen == null) {
      return;
    }
    seen.looking = false;
    long interval = look.policy().set().getIntervalMs();
    seen.next = interval > 0 ? now.plus(Duration.ofMillis(interval)) : Instant.MAX;
    // What an older version of the policy wanted is of no interest; the new one gets its own look.
    if (!look.policy().equals(state.policies().get(look.policy().name()))) {
      return;
    }
    String failure = look.failure();
    if (failure != null && !failure.equals(seen.failure)) {
      observed.add(
          SyncFailed.newBuilder().setPolicy(look.policy().name()).setMessage(failure).build());
    }
    seen.failure = failure;
    look.found()
        .forEach(
            (reference, digest) -> {
              if (isNews(state, reference, digest)) {
                observed.add(
                    TagDiscovered.newBuilder()
                        .setPolicy(look.policy().name())
                        .setReference(reference)
                        .setDigest(digest)
                        .build());
              }
            });
  }

  private static boolean isNews(RegistryState state, String reference, String digest) {
    return !digest.equals(state.mirrored().get(reference))
        && state.copying().values().stream()
            .noneMatch(task -> task.reference().equals(reference) && task.digest().equals(digest));
  }

  private void lookIfDue(Policy policy, @Nullable String request, Instant now) {
    Watched seen = watched.computeIfAbsent(policy.name(), _ -> new Watched());
    boolean changed =
        seen.version != policy.set().getVersion() || !Objects.equals(seen.request, request);
    if (seen.looking || !(changed || !now.isBefore(seen.next))) {
      return;
    }
    seen.version = policy.set().getVersion();
    seen.request = request;
    seen.looking = true;
    threads.submit(() -> look(policy));
  }

  private void look(Policy policy) {
    try {
      permits.acquire();
      Look look;
      try {
        look = result(policy);
      } finally {
        permits.release();
      }
      ended.put(look);
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private Look result(Policy policy) throws InterruptedException {
    try {
      return new Look(policy, upstream.look(policy), null);
    } catch (RegistryFailedException | IOException | RuntimeException e) {
      // A policy may hold any text; whatever goes wrong with it must end the look, not the watch.
      String message = e.getMessage();
      return new Look(
          policy, new TreeMap<>(), message == null ? e.getClass().getSimpleName() : message);
    }
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
