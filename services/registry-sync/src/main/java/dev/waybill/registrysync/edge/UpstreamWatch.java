package dev.waybill.registrysync.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.registry.SyncFailed;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.registry.UpstreamListed;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.registrysync.edge.Upstream.Listing;
import dev.waybill.registrysync.edge.Upstream.Named;
import dev.waybill.registrysync.mirror.Allowance;
import dev.waybill.registrysync.mirror.Pace;
import dev.waybill.registrysync.mirror.Sighting;
import dev.waybill.registrysync.policy.Policy;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import org.jspecify.annotations.Nullable;

/**
 * Registry-sync's eyes on upstreams. A policy that mirrors is looked after right after it was set,
 * when somebody asks, and at its interval; after a failure later and later, and never before the
 * registry wants to be asked. Looks run on threads of their own, few at one host; what they find
 * waits in a bounded queue until the decider's loop comes by.
 */
final class UpstreamWatch implements Observer<RegistryState>, AutoCloseable {
  private static final int LOOKS_AT_ONCE_MAX = 8;
  private static final int LOOKS_AT_ONE_HOST_MAX = 2;
  private static final int FOUND_MAX = 64;
  private static final Duration TOLD_AGAIN = Duration.ofMinutes(1);

  private final Upstream upstream;
  private final BlockingQueue<Look> ended = new ArrayBlockingQueue<>(FOUND_MAX);
  private final Semaphore permits = new Semaphore(LOOKS_AT_ONCE_MAX);
  private final Map<String, Semaphore> hosts = new ConcurrentHashMap<>();
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Watched> watched = new TreeMap<>();

  UpstreamWatch(Upstream upstream) {
    this.upstream = upstream;
  }

  /**
   * A look that is over.
   *
   * @param listing what was found; none if it failed
   * @param failure why there is nothing to say
   * @param stayAway for how long the registry doesn't want to be asked
   */
  private record Look(
      Policy policy, @Nullable Listing listing, @Nullable String failure, Duration stayAway) {}

  /** What is remembered of a policy between looks. Only the decider's thread touches it. */
  private static final class Watched {
    private int version;
    private @Nullable String request;
    private boolean looking;
    private boolean asked;
    private Instant next = Instant.MIN;
    private Instant notBefore = Instant.MIN;
    private int failures;
    private @Nullable String failure;
    private UpstreamListed told = UpstreamListed.getDefaultInstance();
    private Instant toldAt = Instant.MIN;
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
        .forEach(policy -> lookIfDue(policy, state, now));
    return observed;
  }

  private void note(RegistryState state, Look look, Instant now, List<Message> observed) {
    Watched seen = watched.get(look.policy().name());
    if (seen == null) {
      return;
    }
    seen.looking = false;
    Duration interval = Duration.ofMillis(look.policy().set().getIntervalMs());
    seen.notBefore = now.plus(look.stayAway());
    seen.failures = look.failure() == null ? 0 : seen.failures + 1;
    seen.next =
        look.failure() == null
            ? Pace.afterSuccess(now, interval, look.stayAway())
            : Pace.afterFailure(now, interval, seen.failures, look.stayAway());
    // What an older version of the policy wanted is of no interest; the new one gets its own look.
    if (!look.policy().equals(state.policies().get(look.policy().name()))) {
      return;
    }
    String failure = look.failure();
    if (failure != null && !failure.equals(seen.failure)) {
      observed.add(
          SyncFailed.newBuilder()
              .setPolicy(look.policy().name())
              .setMessage(failure)
              .setNextLookMs(millis(seen.next))
              .build());
    }
    seen.failure = failure;
    Listing listing = look.listing();
    if (listing != null) {
      listing
          .found()
          .forEach(
              (reference, named) -> tell(state, look.policy(), reference, named, now, observed));
      listed(state, look.policy(), listing, seen, now).ifPresent(observed::add);
    }
  }

  private static void tell(
      RegistryState state,
      Policy policy,
      String reference,
      Named named,
      Instant now,
      List<Message> observed) {
    if (isNews(state, policy, reference, named, now)) {
      observed.add(
          TagDiscovered.newBuilder()
              .setPolicy(policy.name())
              .setReference(reference)
              .setDigest(named.digest())
              .setProofs(named.proofs())
              .build());
    }
  }

  private static boolean isNews(
      RegistryState state, Policy policy, String reference, Named named, Instant now) {
    String digest = named.digest();
    if (!state.mirror().lacks(reference, digest, policy.set().getPlatformsList(), named.proofs())) {
      return false;
    }
    Sighting young = state.mirror().young().get(reference);
    boolean waits =
        young != null
            && young.digest().equals(digest)
            && !isOldEnough(state, policy, reference, digest, now);
    return !waits
        && state.copying().values().stream()
            .noneMatch(task -> task.reference().equals(reference) && task.digest().equals(digest));
  }

  private static boolean isOldEnough(
      RegistryState state, Policy policy, String reference, String digest, Instant now) {
    long ageMs = policy.set().getFilter().getOlderThanMs();
    return ageMs == 0
        || digest.equals(state.mirrored().get(reference))
        || state.mirror().knownForMs(reference, digest, now.toEpochMilli()) >= ageMs;
  }

  /** A look that says the same as the one before is told once in a while, and when asked for. */
  private static Optional<Message> listed(
      RegistryState state, Policy policy, Listing listing, Watched seen, Instant now) {
    UpstreamListed said =
        UpstreamListed.newBuilder()
            .setPolicy(policy.name())
            .setPolicyVersion(policy.set().getVersion())
            .setTagsSeen(listing.seen())
            .setTagsWanted(listing.found().size() - listing.young())
            .setTagsYoung(listing.young())
            .addAllUnwanted(
                state.mirror().ownedBy(policy.name()).stream()
                    .filter(reference -> !listing.found().containsKey(reference))
                    .toList())
            .build();
    boolean isNews = !said.equals(seen.told);
    if (!isNews && !seen.asked && now.isBefore(seen.toldAt.plus(TOLD_AGAIN))) {
      return Optional.empty();
    }
    seen.told = said;
    seen.toldAt = now;
    seen.asked = false;
    return Optional.of(said.toBuilder().setNextLookMs(millis(seen.next)).build());
  }

  private static long millis(Instant next) {
    return next.equals(Instant.MAX) ? 0 : next.toEpochMilli();
  }

  private void lookIfDue(Policy policy, RegistryState state, Instant now) {
    Watched seen = watched.computeIfAbsent(policy.name(), _ -> new Watched());
    String request = state.syncRequested().get(policy.name());
    boolean wished = !Objects.equals(seen.request, request);
    boolean changed = seen.version != policy.set().getVersion() || wished;
    // A wish doesn't override what the registry asked for; it is fulfilled as soon as may be.
    if (seen.looking || now.isBefore(seen.notBefore) || !(changed || !now.isBefore(seen.next))) {
      return;
    }
    seen.version = policy.set().getVersion();
    seen.request = request;
    seen.asked = seen.asked || wished;
    seen.looking = true;
    threads.submit(() -> look(policy, state, now));
  }

  private void look(Policy policy, RegistryState state, Instant now) {
    Semaphore host =
        hosts.computeIfAbsent(hostOf(policy), _ -> new Semaphore(LOOKS_AT_ONE_HOST_MAX));
    try {
      host.acquire();
      try {
        permits.acquire();
        try {
          ended.put(result(policy, state, now));
        } finally {
          permits.release();
        }
      } finally {
        host.release();
      }
    } catch (InterruptedException stopping) {
      Thread.currentThread().interrupt();
    }
  }

  private static String hostOf(Policy policy) {
    String upstream = policy.set().getUpstream();
    int slash = upstream.indexOf('/');
    return slash < 0 ? upstream : upstream.substring(0, slash);
  }

  private Look result(Policy policy, RegistryState state, Instant now) throws InterruptedException {
    try {
      Listing listing =
          upstream.look(
              policy, (reference, digest) -> isOldEnough(state, policy, reference, digest, now));
      return new Look(
          policy,
          listing,
          null,
          listing.allowance().map(Allowance::stayAway).orElse(Duration.ZERO));
    } catch (RegistryFailedException e) {
      return failed(policy, e, e.retryAfter());
    } catch (IOException | RuntimeException e) {
      // A policy may hold any text; whatever goes wrong with it must end the look, not the watch.
      return failed(policy, e, Duration.ZERO);
    }
  }

  private static Look failed(Policy policy, Exception e, Duration stayAway) {
    String message = e.getMessage();
    return new Look(
        policy, null, message == null ? e.getClass().getSimpleName() : message, stayAway);
  }

  @Override
  public void close() {
    threads.shutdownNow();
  }
}
