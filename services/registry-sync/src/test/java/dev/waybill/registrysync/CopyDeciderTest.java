package dev.waybill.registrysync;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.PullPolicy;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.eventlog.EventIds;
import dev.waybill.eventlog.decider.Fact;
import java.time.Instant;
import java.util.List;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** Platforms, later signatures and caps of what is copied. */
class CopyDeciderTest {
  private static final String REFERENCE = "quay.io/ours/web:1";
  private static final String DIGEST = "sha256:" + "a1".repeat(32);
  private static final String OTHER = "sha256:" + "b2".repeat(32);

  private final RegistryDecider decider = new RegistryDecider();
  private RegistryState state = decider.initial();
  private int facts;

  @Test
  void a_policy_s_platforms_and_cap_are_in_force_and_go_with_each_copy() {
    SyncPolicySet set =
        (SyncPolicySet)
            feed(policy("linux/amd64", "linux/arm64").setBytesPerSecond(1000).build()).getFirst();
    assertThat(set.getPlatformsList()).containsExactly("linux/amd64", "linux/arm64");
    assertThat(set.getBytesPerSecond()).isEqualTo(1000);

    ImageAdmitted admitted = discover(DIGEST, "");

    assertThat(admitted.getPlatformsList()).containsExactly("linux/amd64", "linux/arm64");
    assertThat(admitted.getBytesPerSecond()).isEqualTo(1000);
    assertThat(admitted.getForMirror()).isTrue();
    assertThat(pulled(admitted).getPlatformsList()).containsExactly("linux/amd64", "linux/arm64");
  }

  @Test
  void a_tag_that_is_mirrored_is_copied_again_for_a_platform_more_and_not_for_one_less() {
    feed(policy("linux/amd64").build());
    pulled(discover(DIGEST, ""));
    assertThat(discovered(DIGEST, "")).isEmpty();

    feed(policy("linux/amd64", "linux/arm64").build());
    pulled(discover(DIGEST, ""));
    assertThat(discovered(DIGEST, "")).isEmpty();
    feed(policy("linux/arm64").build());
    assertThat(discovered(DIGEST, "")).isEmpty();
    feed(policy("all").build());
    pulled(discover(DIGEST, ""));
    feed(policy("linux/riscv64").build());
    assertThat(discovered(DIGEST, "")).as("all are there").isEmpty();
    feed(policy().build());
    assertThat(discovered(DIGEST, "")).as("all are there").isEmpty();
  }

  @Test
  void a_signature_that_came_later_has_the_tag_copied_again() {
    feed(policy().build());
    pulled(discover(DIGEST, ""));

    ImageMirrored mirrored = pulled(discover(DIGEST, "proof-1"));

    assertThat(mirrored.getProofs()).isEqualTo("proof-1");
    assertThat(discovered(DIGEST, "proof-1")).isEmpty();
    assertThat(discovered(DIGEST, "")).as("a look that could not tell").isEmpty();
    pulled(discover(DIGEST, "proof-2"));
    assertThat(discovered(DIGEST, "proof-2")).isEmpty();
  }

  @Test
  void a_tag_that_moves_begins_anew() {
    feed(policy("linux/amd64", "linux/arm64").build());
    pulled(discover(DIGEST, "proof-1"));
    feed(policy("linux/amd64").build());
    pulled(discover(OTHER, ""));

    feed(policy("linux/arm64").build());

    assertThat(discovered(OTHER, "")).as("only amd64 of that one is here").isNotEmpty();
  }

  @Test
  void a_cap_holds_for_copies_on_demand_too_and_for_nothing_else() {
    feed(
        SyncPolicyDeclared.newBuilder()
            .setName("through")
            .setUpstream("quay.io/ours/*")
            .setPullThrough(true)
            .setBytesPerSecond(7)
            .build());
    assertThat(((ImageAdmitted) feed(container(REFERENCE)).getFirst()).getBytesPerSecond())
        .isEqualTo(7);
    feed(policy().setName("through").setBytesPerSecond(7).build());
    assertThat(((ImageAdmitted) feed(container(REFERENCE)).getFirst()).getBytesPerSecond())
        .as("a container waits for it, and the mirror doesn't")
        .isZero();
  }

  @Test
  void a_copy_that_an_older_decider_asked_for_ends_as_it_was_begun() {
    feed(policy().build());
    String older = EventIds.derivedHex("mirror", REFERENCE, DIGEST);
    state = decider.evolve(state, fact(tag(DIGEST, "")));
    state =
        decider.evolve(
            state,
            fact(
                ImageAdmitted.newBuilder()
                    .setRequestId(older)
                    .setReference(REFERENCE + "@" + DIGEST)
                    .setPull(PullPolicy.PULL_POLICY_ALWAYS)
                    .setPolicy("web")
                    .build()));

    feed(ImagePulled.newBuilder().setRequestId(older).build());

    assertThat(state.copying()).isEmpty();
    assertThat(state.mirrored()).containsEntry(REFERENCE, DIGEST);
    state = decider.evolve(state, fact(tag(OTHER, "")));
    assertThat(state.copying()).hasSize(1);
  }

  @Test
  void each_request_is_new_and_at_the_end_the_mirror_has_what_was_seen_last() {
    for (int seed = 0; seed < 200; seed++) {
      var random = new Random(seed);
      state = decider.initial();
      feed(policy().build());
      var asked = new TreeSet<String>();
      ImageAdmitted open = null;
      for (int step = 0; step < 40; step++) {
        if (random.nextInt(4) == 0) {
          String platform = List.of("linux/amd64", "linux/arm64", "all").get(random.nextInt(3));
          feed(policy(platform).build());
        } else if (open != null && random.nextBoolean()) {
          pulled(open);
          open = null;
        }
        String digest = random.nextInt(5) == 0 ? OTHER : DIGEST;
        for (Message output : discovered(digest, random.nextBoolean() ? "p" : "q")) {
          open = (ImageAdmitted) output;
          assertThat(asked.add(open.getRequestId())).as("seed %d", seed).isTrue();
        }
      }
      for (int rest = 0; rest < 5; rest++) {
        for (String request : List.copyOf(state.copying().keySet())) {
          feed(ImagePulled.newBuilder().setRequestId(request).build());
        }
        discovered(DIGEST, "last");
      }
      assertThat(state.copying()).as("seed %d", seed).isEmpty();
      assertThat(state.mirrored()).as("seed %d", seed).containsEntry(REFERENCE, DIGEST);
    }
  }

  private ImageAdmitted discover(String digest, String proofs) {
    List<Message> outputs = discovered(digest, proofs);
    assertThat(outputs).hasSize(1);
    return (ImageAdmitted) outputs.getFirst();
  }

  private List<Message> discovered(String digest, String proofs) {
    return feed(tag(digest, proofs));
  }

  private ImageMirrored pulled(ImageAdmitted admitted) {
    return (ImageMirrored)
        feed(ImagePulled.newBuilder().setRequestId(admitted.getRequestId()).build()).getFirst();
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
    return new Fact("fact-" + ++facts, Instant.EPOCH, "user/admin", payload);
  }

  private static SyncPolicyDeclared.Builder policy(String... platforms) {
    return SyncPolicyDeclared.newBuilder()
        .setName("web")
        .setUpstream("quay.io/ours/web")
        .setMirror(true)
        .addAllPlatforms(List.of(platforms));
  }

  private static TagDiscovered tag(String digest, String proofs) {
    return TagDiscovered.newBuilder()
        .setPolicy("web")
        .setReference(REFERENCE)
        .setDigest(digest)
        .setProofs(proofs)
        .build();
  }

  private ContainerRequested container(String image) {
    String id = "c" + facts;
    return ContainerRequested.newBuilder()
        .setContainerId(id)
        .setImageRequestId("r-" + id)
        .setNamespace("default")
        .setSpec(ContainerSpec.newBuilder().setImage(image))
        .build();
  }
}
