package dev.waybill.registrysync;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.image.ImagePullFailed;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrorFailed;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.ImageRejected;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.registry.TagDiscovered;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.PullPolicy;
import dev.waybill.contracts.workload.PullRequested;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.contracts.workload.SyncPolicyWithdrawn;
import dev.waybill.contracts.workload.SyncRequested;
import dev.waybill.eventlog.decider.Fact;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Facts in, events out. */
class RegistryDeciderTest {
  private static final String HERE = "127.0.0.1:5000/demo/web:1";
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  private final RegistryDecider decider = new RegistryDecider();
  private RegistryState state = decider.initial();
  private int facts;

  @Test
  void every_image_passes_where_no_policy_holds() {
    assertThat(feed(container("r1", "alpine:3", "default")))
        .containsExactly(admitted("r1", "alpine:3", "", 0, "default"));
  }

  @Test
  void from_the_first_policy_on_only_what_it_names_passes() {
    feed(policy("demo", "127.0.0.1:5000/demo/web", "", false, ""));
    assertThat(feed(container("r1", HERE, "default")))
        .containsExactly(admitted("r1", HERE, "demo", 1, "default"));
    ImageRejected rejected =
        (ImageRejected) feed(container("r2", "alpine:3", "default")).getFirst();
    assertThat(rejected.getRequestId()).isEqualTo("r2");
    assertThat(rejected.getReason())
        .contains("docker.io/library/alpine:3 is outside policy")
        .contains("only 127.0.0.1:5000/demo/web may run here")
        .contains("waybill registry policy set");
    assertThat(rejected.getPoliciesList()).containsExactly("demo@1");
  }

  @Test
  void a_policy_of_one_namespace_leaves_the_others_alone() {
    feed(policy("demo", "127.0.0.1:5000/demo/web", "", false, "production"));
    assertThat(feed(container("r1", "alpine:3", "default")).getFirst())
        .isInstanceOf(ImageAdmitted.class);
    assertThat(feed(container("r2", "alpine:3", "production")).getFirst())
        .isInstanceOf(ImageRejected.class);
  }

  @Test
  void a_glob_narrows_a_policy_down_to_some_tags() {
    feed(policy("demo", "127.0.0.1:5000/demo/*", "1.?-*", false, ""));
    assertThat(feed(container("r1", "127.0.0.1:5000/demo/web:1.2-slim", "default")).getFirst())
        .isInstanceOf(ImageAdmitted.class);
    assertThat(feed(container("r2", "127.0.0.1:5000/demo/web:1.22", "default")).getFirst())
        .isInstanceOf(ImageRejected.class);
    assertThat(feed(container("r3", "127.0.0.1:5000/demo/web@" + DIGEST, "default")).getFirst())
        .isInstanceOf(ImageRejected.class);
  }

  @Test
  void a_changed_policy_has_a_higher_version_even_after_it_was_away() {
    SyncPolicyDeclared declared = policy("demo", "127.0.0.1:5000/demo/web", "", false, "");
    feed(declared);
    feed(SyncPolicyWithdrawn.newBuilder().setName("demo").build());
    assertThat(state.policies()).isEmpty();
    SyncPolicySet set = (SyncPolicySet) feed(declared).getFirst();
    assertThat(set.getVersion()).isEqualTo(2);
  }

  @Test
  void one_request_gets_one_verdict() {
    feed(container("r1", HERE, "default"));
    assertThat(feed(container("r1", HERE, "default"))).isEmpty();
  }

  @Test
  void a_pull_by_hand_is_judged_like_a_container() {
    feed(policy("demo", "127.0.0.1:5000/demo/web", "", false, ""));
    PullRequested pull =
        PullRequested.newBuilder()
            .setRequestId("p1")
            .setReference("alpine:3")
            .setNamespace("default")
            .build();
    assertThat(feed(pull).getFirst()).isInstanceOf(ImageRejected.class);
  }

  @Test
  void a_discovered_tag_is_fetched_by_the_digest_that_was_seen() {
    feed(policy("demo", "127.0.0.1:5000/demo/web", "", true, ""));
    ImageAdmitted admitted = (ImageAdmitted) feed(discovered()).getFirst();
    assertThat(admitted.getReference()).isEqualTo(HERE + "@" + DIGEST);
    assertThat(admitted.getPull()).isEqualTo(PullPolicy.PULL_POLICY_ALWAYS);
    assertThat(admitted.getPolicy()).isEqualTo("demo");
    assertThat(feed(discovered())).isEmpty();
    assertThat(
            feed(
                ImagePulled.newBuilder()
                    .setRequestId(admitted.getRequestId())
                    .setFetchedBytes(7)
                    .build()))
        .containsExactly(
            ImageMirrored.newBuilder()
                .setPolicy("demo")
                .setReference(HERE)
                .setDigest(DIGEST)
                .setFetchedBytes(7)
                .setRequestId(admitted.getRequestId())
                .build());
    assertThat(state.mirrored()).containsEntry(HERE, DIGEST);
    assertThat(state.copying()).isEmpty();
    assertThat(feed(discovered())).isEmpty();
  }

  @Test
  void a_failed_copy_may_be_tried_again() {
    feed(policy("demo", "127.0.0.1:5000/demo/web", "", true, ""));
    ImageAdmitted admitted = (ImageAdmitted) feed(discovered()).getFirst();
    ImagePullFailed failed =
        ImagePullFailed.newBuilder()
            .setRequestId(admitted.getRequestId())
            .setMessage("away")
            .build();
    assertThat(feed(failed).getFirst()).isInstanceOf(ImageMirrorFailed.class);
    ImageAdmitted again = (ImageAdmitted) feed(discovered()).getFirst();
    assertThat(again.getRequestId())
        .as("a request gets one answer, so this is another one")
        .isNotEqualTo(admitted.getRequestId());
    assertThat(again.toBuilder().setRequestId(admitted.getRequestId()).build()).isEqualTo(admitted);
    feed(ImagePulled.newBuilder().setRequestId(again.getRequestId()).build());
    assertThat(state.mirrored()).containsEntry(HERE, DIGEST);
  }

  @Test
  void a_wish_for_a_look_is_kept_for_the_watch_and_decides_nothing() {
    assertThat(feed(SyncRequested.newBuilder().setName("demo").build())).isEmpty();
    assertThat(state.syncRequested()).containsEntry("demo", "fact-1");
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

  private static SyncPolicyDeclared policy(
      String name, String upstream, String tags, boolean mirror, String namespace) {
    return SyncPolicyDeclared.newBuilder()
        .setName(name)
        .setUpstream(upstream)
        .setTags(tags)
        .setMirror(mirror)
        .setNamespace(namespace)
        .build();
  }

  private static ContainerRequested container(String request, String image, String namespace) {
    return ContainerRequested.newBuilder()
        .setContainerId("c-" + request)
        .setImageRequestId(request)
        .setNamespace(namespace)
        .setSpec(ContainerSpec.newBuilder().setImage(image))
        .build();
  }

  private static TagDiscovered discovered() {
    return TagDiscovered.newBuilder()
        .setPolicy("demo")
        .setReference(HERE)
        .setDigest(DIGEST)
        .build();
  }

  private static ImageAdmitted admitted(
      String request, String reference, String policy, int version, String namespace) {
    return ImageAdmitted.newBuilder()
        .setRequestId(request)
        .setReference(reference)
        .setPolicy(policy)
        .setPolicyVersion(version)
        .setNamespace(namespace)
        .build();
  }
}
