package dev.waybill.registrysync.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.SyncFailed;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.registry.UpstreamListed;
import dev.waybill.contracts.spec.TagFilter;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.contracts.workload.SyncRequested;
import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.InMemoryEventLog;
import dev.waybill.eventlog.Lineage;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Writer;
import dev.waybill.eventlog.decider.DeciderLoop;
import dev.waybill.eventlog.decider.DeciderService;
import dev.waybill.kernel.IdSource;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.ConnectionLimits;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The watch and the decider on a log in memory, with a registry on loopback as the upstream. */
class UpstreamWatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  private final InstantSource clock = InstantSource.system();
  private final InMemoryEventLog log = new InMemoryEventLog(Cell.LOCAL, clock);
  private final AtomicLong numbers = new AtomicLong();
  private final IdSource ids = () -> "id-" + numbers.incrementAndGet();
  private final Writer api = log.openWriter("/test/api", Set.of(Topic.WORKLOADS));
  private final Writer images = log.openWriter("/test/images", Set.of(Topic.IMAGES));
  private final LoopbackRegistry registry = LoopbackRegistry.start();
  private final LoopbackRegistry own = LoopbackRegistry.start();
  private final List<Throwable> broken = new CopyOnWriteArrayList<>();
  private Transport transport;
  private UpstreamWatch watch;
  private DeciderService<RegistryState> service;

  @BeforeEach
  void start() {
    var once =
        new ConnectionLimits(
            1,
            1,
            Duration.ofMillis(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5));
    transport = new Transport(once, Thread::sleep, clock);
    watch =
        new UpstreamWatch(
            new Upstream(
                transport,
                Credentials.none(),
                new OwnRegistry(own::uri, new Credentials.Login("admin", "token"))));
    service =
        new DeciderService<>(
            new DeciderLoop.Parts<>(
                log,
                new RegistryDecider(),
                RegistryState.class,
                Cell.LOCAL.source(RegistryDecider.NAME),
                watch,
                clock,
                ids,
                _ -> {}),
            (_, error) -> broken.add(error));
  }

  @AfterEach
  void stop() {
    service.close();
    watch.close();
    transport.close();
    registry.close();
    own.close();
    assertThat(broken).isEmpty();
  }

  @Test
  void a_policy_that_mirrors_finds_the_tags_it_wants_right_after_it_was_set() {
    MadeImage image = image("one");
    registry.add("demo/web", "1", image);
    registry.add("demo/web", "2", image("two"));
    say(policy("demo/web", "1", 0));
    TagDiscovered found = await(TagDiscovered.class, _ -> true);
    assertThat(found.getPolicy()).isEqualTo("demo");
    assertThat(found.getReference()).isEqualTo(registry.host() + "/demo/web:1");
    assertThat(found.getDigest()).isEqualTo(image.digest().toString());
    assertThat(all(TagDiscovered.class)).hasSize(1);
  }

  @Test
  void a_look_that_was_asked_for_finds_what_is_new_since() {
    registry.add("demo/web", "1", image("one"));
    say(policy("demo/web", "", 0));
    await(TagDiscovered.class, _ -> true);
    MadeImage second = image("two");
    registry.add("demo/web", "2", second);
    say(SyncRequested.newBuilder().setName("demo").build());
    TagDiscovered found =
        await(TagDiscovered.class, e -> e.getDigest().equals(second.digest().toString()));
    assertThat(found.getReference()).endsWith(":2");
    assertThat(all(TagDiscovered.class)).hasSize(2);
  }

  @Test
  void a_policy_with_an_interval_looks_again_by_itself() {
    registry.add("demo/web", "1", image("one"));
    say(policy("demo/web", "", 10));
    await(TagDiscovered.class, _ -> true);
    MadeImage moved = image("two");
    registry.add("demo/web", "1", moved);
    await(TagDiscovered.class, e -> e.getDigest().equals(moved.digest().toString()));
  }

  @Test
  void a_failure_is_told_once_until_a_look_goes_well() {
    say(policy("demo/absent", "", 10));
    SyncFailed failed = await(SyncFailed.class, _ -> true);
    assertThat(failed.getMessage()).contains("registry " + registry.host() + " has no");
    long asked = registry.requestsWith("demo/absent");
    until(() -> registry.requestsWith("demo/absent") > asked + 3);
    assertThat(all(SyncFailed.class)).hasSize(1);
    registry.add("demo/absent", "1", image("late"));
    await(TagDiscovered.class, _ -> true);
  }

  @Test
  void a_policy_over_many_repositories_can_allow_but_not_mirror() {
    say(policy("demo/*", "", 0));
    assertThat(await(SyncFailed.class, _ -> true).getMessage()).contains("set a policy for each");
    assertThat(all(SyncPolicySet.class)).hasSize(1);
  }

  @Test
  void of_many_versions_only_the_newest_are_asked_for() {
    for (String tag : List.of("1.9.0", "1.10.0", "1.2.0", "2.0.0", "edge")) {
      registry.add("demo/web", tag, image(tag));
    }
    say(filtered(TagFilter.newBuilder().setSemver("^1").setLatest(2)));
    UpstreamListed listed = await(UpstreamListed.class, _ -> true);
    assertThat(listed.getTagsSeen()).isEqualTo(5);
    assertThat(listed.getTagsWanted()).isEqualTo(2);
    assertThat(all(TagDiscovered.class))
        .extracting(TagDiscovered::getReference)
        .containsExactlyInAnyOrder(
            registry.host() + "/demo/web:1.10.0", registry.host() + "/demo/web:1.9.0");
    assertThat(registry.requestsWith("manifests/1.2.0")).isZero();
  }

  @Test
  void what_is_too_young_is_told_once_and_counted() {
    registry.add("demo/web", "1", image("one"));
    say(filtered(TagFilter.newBuilder().setOlderThanMs(Duration.ofDays(7).toMillis())));
    UpstreamListed listed = await(UpstreamListed.class, _ -> true);
    assertThat(listed.getTagsWanted()).isZero();
    assertThat(listed.getTagsYoung()).isEqualTo(1);
    say(SyncRequested.newBuilder().setName("demo").build());
    until(() -> all(UpstreamListed.class).size() == 2);
    assertThat(all(TagDiscovered.class)).hasSize(1);
    assertThat(all(ImageAdmitted.class)).isEmpty();
  }

  @Test
  void a_registry_that_asks_for_time_gets_it_whatever_anybody_wishes() {
    registry.add("demo/web", "1", image("one"));
    registry.inject(new Fault.Busy(429, Duration.ofHours(1), 1));
    say(policy("demo/web", "", 10));
    SyncFailed failed = await(SyncFailed.class, _ -> true);
    assertThat(failed.getMessage()).contains("answers 429");
    assertThat(Instant.ofEpochMilli(failed.getNextLookMs()))
        .isAfter(clock.instant().plus(Duration.ofMinutes(59)));
    long asked = registry.requestsWith("demo/web");
    String wish = say(SyncRequested.newBuilder().setName("demo").build());
    say(SyncPolicyDeclared.newBuilder().setName("next").setUpstream("a.example/b").build());
    until(() -> all(SyncPolicySet.class).size() == 2);
    assertThat(wish).isNotEmpty();
    assertThat(registry.requestsWith("demo/web")).isEqualTo(asked);
  }

  @Test
  void signatures_that_came_after_the_copy_are_told_once() {
    MadeImage image = image("one");
    registry.add("demo/web", "1", image);
    say(policy("demo/web", "1", 0));
    mirrored(await(ImageAdmitted.class, _ -> true));
    registry.add(
        "demo/web",
        ImageSigner.tag(image.digest(), "sig"),
        ImageSigner.create().signature("demo/web", image.digest()));
    say(SyncRequested.newBuilder().setName("demo").build());
    TagDiscovered late = await(TagDiscovered.class, e -> !e.getProofs().isEmpty());
    assertThat(late.getDigest()).isEqualTo(image.digest().toString());
    mirrored(await(ImageAdmitted.class, e -> all(ImageAdmitted.class).indexOf(e) == 1));

    MadeImage sbom =
        ImageSigner.referrer(
            image.root(), "application/spdx+json", "application/spdx+json", new byte[] {'{', '}'});
    // A registry from before OCI 1.1 has the list under a tag.
    registry.add("demo/web", "sha256-" + image.digest().hex(), ImageMaker.index(sbom));
    say(SyncRequested.newBuilder().setName("demo").build());
    await(
        TagDiscovered.class,
        e -> !e.getProofs().isEmpty() && !e.getProofs().equals(late.getProofs()));
    assertThat(all(TagDiscovered.class)).hasSize(3);
  }

  @Test
  void a_signature_over_a_manifest_that_was_copied_with_its_index_is_told_once() {
    MadeImage amd64 = image("one", "linux/amd64");
    MadeImage arm64 = image("one", "linux/arm64");
    MadeImage index = ImageMaker.index(amd64, arm64);
    registry.add("demo/web", "1", index);
    say(policy("demo/web", "1", 0));
    mirrored(await(ImageAdmitted.class, _ -> true));
    MadeImage copied =
        new MadeImage(
            index.root(),
            List.of(amd64.documents().getFirst(), index.documents().getLast()),
            amd64.blobs(),
            amd64.diffIds());
    own.add("mirror/" + registry.host().replace(':', '_') + "/demo/web", "1", copied);

    sign(arm64);
    look();
    assertThat(all(TagDiscovered.class)).as("of arm64 there is nothing here").hasSize(1);
    sign(amd64);
    look();

    TagDiscovered late = await(TagDiscovered.class, e -> !e.getProofs().isEmpty());
    assertThat(late.getDigest()).isEqualTo(index.digest().toString());
    mirrored(await(ImageAdmitted.class, e -> all(ImageAdmitted.class).indexOf(e) == 1));
    look();
    assertThat(all(TagDiscovered.class)).hasSize(2);
  }

  @Test
  void a_signature_over_an_index_is_seen_while_the_platforms_registry_is_away() {
    MadeImage index = ImageMaker.index(image("one", "linux/amd64"));
    registry.add("demo/web", "1", index);
    say(policy("demo/web", "1", 0));
    mirrored(await(ImageAdmitted.class, _ -> true));
    own.close();
    sign(index);
    say(SyncRequested.newBuilder().setName("demo").build());
    await(TagDiscovered.class, e -> !e.getProofs().isEmpty());
  }

  private void sign(MadeImage image) {
    registry.add(
        "demo/web",
        ImageSigner.tag(image.digest(), "sig"),
        ImageSigner.create().signature("demo/web", image.digest()));
  }

  /** A look that was asked for is told even where it found nothing. */
  private void look() {
    int before = all(UpstreamListed.class).size();
    say(SyncRequested.newBuilder().setName("demo").build());
    until(() -> all(UpstreamListed.class).size() > before);
  }

  private void mirrored(ImageAdmitted admitted) {
    String id = ids.next();
    ImagePulled pulled =
        ImagePulled.newBuilder().setRequestId(admitted.getRequestId()).setFetchedBytes(1).build();
    images.append(
        List.of(
            Draft.fact(id, pulled, clock.instant(), Lineage.origin(id, "service/image", null))));
    await(ImageMirrored.class, e -> e.getRequestId().equals(admitted.getRequestId()));
  }

  private SyncPolicyDeclared filtered(TagFilter.Builder filter) {
    return policy("demo/web", "", 0).toBuilder().setFilter(filter).build();
  }

  private static MadeImage image(String content, String platform) {
    return ImageMaker.image()
        .platform(Platform.parse(platform))
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", content))
        .make();
  }

  private static MadeImage image(String content) {
    return ImageMaker.image()
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", content))
        .make();
  }

  private SyncPolicyDeclared policy(String repository, String tags, long intervalMs) {
    return SyncPolicyDeclared.newBuilder()
        .setName("demo")
        .setUpstream(registry.host() + "/" + repository)
        .setTags(tags)
        .setIntervalMs(intervalMs)
        .setMirror(true)
        .build();
  }

  private String say(Message intent) {
    String id = ids.next();
    api.append(
        List.of(Draft.fact(id, intent, clock.instant(), Lineage.origin(id, "user/admin", null))));
    return id;
  }

  private <E extends Message> E await(Class<E> type, Predicate<E> wanted) {
    until(() -> all(type).stream().anyMatch(wanted));
    return all(type).stream().filter(wanted).findFirst().orElseThrow();
  }

  private static void until(java.util.function.BooleanSupplier condition) {
    Instant end = Instant.now().plus(PATIENCE);
    while (!condition.getAsBoolean()) {
      assertThat(Instant.now()).as("in time").isBefore(end);
      Thread.onSpinWait();
    }
  }

  private <E extends Message> List<E> all(Class<E> type) {
    return log.partitions(Topic.REGISTRY).stream()
        .map((Partition p) -> log.read(p, 0, log.end(p)))
        .flatMap(List::stream)
        .flatMap(recorded -> recorded.event().payload().stream())
        .filter(type::isInstance)
        .map(type::cast)
        .toList();
  }
}
