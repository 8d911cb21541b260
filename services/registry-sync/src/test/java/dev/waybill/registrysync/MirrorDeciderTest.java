package dev.waybill.registrysync;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.MirrorTagPruned;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.registry.UpstreamListed;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.TagFilter;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.contracts.workload.SyncPolicyWithdrawn;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.eventlog.decider.Fact;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What is copied, kept and pruned. */
class MirrorDeciderTest {
  private static final String REPOSITORY = "quay.io/ours/web";
  private static final Duration GRACE = Duration.ofHours(24);
  private static final int SEEDS = 200;

  private RegistryDecider decider = new RegistryDecider();
  private RegistryState state = decider.initial();
  private Instant now = Instant.EPOCH.plus(Duration.ofDays(1));
  private int facts;

  @Test
  void what_is_too_young_waits_and_its_age_counts_from_the_first_sight_of_its_digest() {
    feed(mirror(TagFilter.newBuilder().setOlderThanMs(Duration.ofDays(7).toMillis())));
    assertThat(feed(discovered("1", digest(1)))).isEmpty();
    pass(Duration.ofDays(6));
    assertThat(feed(discovered("1", digest(1)))).isEmpty();
    assertThat(feed(discovered("1", digest(2)))).as("a moved tag begins anew").isEmpty();
    pass(Duration.ofDays(6));
    assertThat(feed(discovered("1", digest(2)))).isEmpty();
    pass(Duration.ofDays(1));
    ImageAdmitted admitted = (ImageAdmitted) feed(discovered("1", digest(2))).getFirst();
    assertThat(admitted.getReference()).isEqualTo(reference("1") + "@" + digest(2));
  }

  @Test
  void a_tag_outside_the_filter_goes_when_the_grace_is_over() {
    feed(mirror(TagFilter.newBuilder().setLatest(1)));
    mirrored("1");
    assertThat(feed(listed(1, "1"))).isEmpty();
    pass(GRACE.minusSeconds(1));
    assertThat(feed(listed(1, "1"))).isEmpty();
    pass(Duration.ofSeconds(1));
    assertThat(feed(listed(1, "1")))
        .containsExactly(
            MirrorTagPruned.newBuilder()
                .setPolicy("web")
                .setReference(reference("1"))
                .setDigest(digest(1))
                .setUnwantedSinceMs(now.minus(GRACE).toEpochMilli())
                .build());
    assertThat(state.mirrored()).isEmpty();
    assertThat(feed(listed(1, "1"))).isEmpty();
  }

  @Test
  void a_tag_that_comes_back_into_the_filter_gets_its_grace_again() {
    feed(mirror(TagFilter.newBuilder()));
    mirrored("1");
    feed(listed(1, "1"));
    pass(GRACE);
    feed(listed(1));
    feed(listed(1, "1"));
    pass(GRACE.minusSeconds(1));
    assertThat(feed(listed(1, "1"))).isEmpty();
  }

  @Test
  void what_a_container_or_a_workload_uses_stays() {
    feed(mirror(TagFilter.newBuilder()));
    mirrored("1");
    feed(listed(1, "1"));
    pass(GRACE);
    feed(container("c1", reference("1")));
    assertThat(feed(listed(1, "1"))).isEmpty();
    feed(ContainerRemoved.newBuilder().setContainerId("c1").build());
    feed(workload(reference("1")));
    assertThat(feed(listed(1, "1"))).isEmpty();
    feed(WorkloadRemoved.newBuilder().setNamespace("default").setName("w").build());
    assertThat(feed(listed(1, "1"))).hasSize(1);
  }

  @Test
  void what_runs_under_another_name_stays() {
    feed(mirror(TagFilter.newBuilder()));
    mirrored("1");
    feed(listed(1, "1"));
    pass(GRACE);
    feed(container("c1", "quay.io/ours/web:other"));
    feed(
        ImagePulled.newBuilder()
            .setRequestId("r-c1")
            .setReference("quay.io/ours/web:other")
            .setDigest(digest(7))
            .setIndexDigest(digest(1))
            .build());
    assertThat(feed(listed(1, "1"))).isEmpty();
  }

  @Test
  void
      a_look_of_an_older_version_a_policy_that_keeps_all_and_another_that_wants_it_prune_nothing() {
    feed(mirror(TagFilter.newBuilder()));
    mirrored("1");
    feed(listed(1, "1"));
    pass(GRACE);
    feed(mirror(TagFilter.newBuilder()).toBuilder().setPrune(false).build());
    assertThat(feed(listed(1, "1"))).isEmpty();
    assertThat(feed(listed(2, "1"))).isEmpty();
    feed(mirror(TagFilter.newBuilder()));
    feed(mirror(TagFilter.newBuilder()).toBuilder().setName("other").build());
    assertThat(feed(listed(3, "1"))).isEmpty();
    feed(SyncPolicyWithdrawn.newBuilder().setName("other").build());
    assertThat(feed(listed(3, "1"))).hasSize(1);
  }

  @Test
  void a_policy_that_copies_on_demand_has_what_is_asked_for_copied_with_its_proofs_and_counts_it() {
    feed(
        SyncPolicyDeclared.newBuilder()
            .setName("web")
            .setUpstream("quay.io/ours/*")
            .setPullThrough(true)
            .build());
    ImageAdmitted admitted = (ImageAdmitted) feed(container("c1", reference("1"))).getFirst();
    assertThat(admitted.getWithProofs()).isTrue();
    ImagePulled pulled =
        ImagePulled.newBuilder()
            .setRequestId("r-c1")
            .setReference(reference("1"))
            .setDigest(digest(1))
            .setFetchedBytes(9)
            .build();
    assertThat(feed(pulled))
        .containsExactly(
            ImageMirrored.newBuilder()
                .setPolicy("web")
                .setReference(reference("1"))
                .setDigest(digest(1))
                .setFetchedBytes(9)
                .setRequestId("r-c1")
                .build());
    feed(container("c2", reference("1")));
    assertThat(feed(pulled.toBuilder().setRequestId("r-c2").setFetchedBytes(0).build())).isEmpty();
    assertThat(state.copying()).isEmpty();
    assertThat(feed(container("c3", "alpine:3")).getFirst().getDescriptorForType().getName())
        .isEqualTo("ImageRejected");
  }

  @Test
  void nothing_that_is_used_is_ever_pruned() {
    for (int seed = 0; seed < SEEDS; seed++) {
      var random = new Random(seed);
      decider = new RegistryDecider();
      state = decider.initial();
      feed(mirror(TagFilter.newBuilder()));
      var used = new TreeSet<String>();
      for (int step = 0; step < 60; step++) {
        String tag = Integer.toString(random.nextInt(4));
        pass(Duration.ofHours(random.nextInt(20)));
        switch (random.nextInt(4)) {
          case 0 -> mirrored(tag);
          case 1 -> {
            feed(container("c" + tag, reference(tag)));
            used.add(reference(tag));
          }
          case 2 -> {
            feed(ContainerRemoved.newBuilder().setContainerId("c" + tag).build());
            used.remove(reference(tag));
          }
          default -> {
            var outside = new ArrayList<String>();
            for (int i = 0; i < 4; i++) {
              if (random.nextInt(3) > 0) {
                outside.add(Integer.toString(i));
              }
            }
            assertThat(feed(listed(1, outside.toArray(String[]::new))))
                .as("seed %d step %d", seed, step)
                .allMatch(e -> !used.contains(((MirrorTagPruned) e).getReference()));
          }
        }
      }
    }
  }

  private void mirrored(String tag) {
    for (Message output : feed(discovered(tag, digest(Integer.parseInt(tag))))) {
      ImageAdmitted admitted = (ImageAdmitted) output;
      feed(ImagePulled.newBuilder().setRequestId(admitted.getRequestId()).build());
    }
  }

  private void pass(Duration time) {
    now = now.plus(time);
  }

  private List<Message> feed(Message payload) {
    Fact input = fact(payload);
    state = decider.evolve(state, input);
    List<Message> outputs = decider.decide(state, input);
    for (Message output : outputs) {
      state = decider.evolve(state, fact(output));
    }
    return outputs;
  }

  private Fact fact(Message payload) {
    return new Fact("fact-" + ++facts, now, "user/admin", payload);
  }

  private static SyncPolicyDeclared mirror(TagFilter.Builder filter) {
    return SyncPolicyDeclared.newBuilder()
        .setName("web")
        .setUpstream(REPOSITORY)
        .setMirror(true)
        .setPrune(true)
        .setPruneGraceMs(GRACE.toMillis())
        .setFilter(filter)
        .build();
  }

  private static String reference(String tag) {
    return REPOSITORY + ":" + tag;
  }

  private static String digest(int number) {
    return "sha256:" + "%02d".formatted(number).repeat(32);
  }

  private static TagDiscovered discovered(String tag, String digest) {
    return TagDiscovered.newBuilder()
        .setPolicy("web")
        .setReference(reference(tag))
        .setDigest(digest)
        .build();
  }

  private static UpstreamListed listed(int version, String... unwanted) {
    var listed = UpstreamListed.newBuilder().setPolicy("web").setPolicyVersion(version);
    for (String tag : unwanted) {
      listed.addUnwanted(reference(tag));
    }
    return listed.build();
  }

  private static ContainerRequested container(String id, String image) {
    return ContainerRequested.newBuilder()
        .setContainerId(id)
        .setImageRequestId("r-" + id)
        .setNamespace("default")
        .setSpec(ContainerSpec.newBuilder().setImage(image))
        .build();
  }

  private static WorkloadApplied workload(String image) {
    return WorkloadApplied.newBuilder()
        .setNamespace("default")
        .setName("w")
        .setSpec(ContainerSpec.newBuilder().setImage(image))
        .build();
  }
}
