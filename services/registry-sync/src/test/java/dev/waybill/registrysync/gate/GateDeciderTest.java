package dev.waybill.registrysync.gate;

import static dev.waybill.testkit.decider.Scenario.only;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.image.ImagePulled;
import dev.waybill.contracts.image.ReferrerPushed;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageHeld;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.registry.ImageReleased;
import dev.waybill.contracts.registry.ImageVerified;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.RecallLifted;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.contracts.registry.VerdictLapsed;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.ScanRule;
import dev.waybill.contracts.spec.Severity;
import dev.waybill.contracts.spec.SignatureRule;
import dev.waybill.contracts.workload.Findings;
import dev.waybill.contracts.workload.GatePolicyDeclared;
import dev.waybill.contracts.workload.GatePolicyWithdrawn;
import dev.waybill.contracts.workload.PullRequested;
import dev.waybill.contracts.workload.RecallLiftRequested;
import dev.waybill.contracts.workload.RecallRequested;
import dev.waybill.contracts.workload.ScanPosted;
import dev.waybill.contracts.workload.SyncPolicyDeclared;
import dev.waybill.contracts.workload.VerifyRequested;
import dev.waybill.eventlog.EventIds;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.testkit.decider.Scenario;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The gate on the log: which verdicts are given when. */
class GateDeciderTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);
  private static final String INDEX = "sha256:" + "cd".repeat(32);
  private static final String NAME = "docker.io/library/web";

  private static final String REPOSITORY = "mirror/docker.io/library/web";
  private static final String PLACE = REPOSITORY + "@" + DIGEST;

  private final Scenario<RegistryState> scenario = new Scenario<>(new RegistryDecider());

  @Test
  void without_a_gate_policy_a_pull_is_followed_by_nothing() {
    List<Message> admitted = scenario.when(container("c1", "r1"));
    assertThat(only(ImageAdmitted.class, admitted).getFirst().getWithProofs()).isFalse();
    assertThat(scenario.when(pulled("r1"))).isEmpty();
    assertThat(gate().looks()).isEmpty();
  }

  @Test
  void evidence_is_looked_for_once_the_digest_is_known_and_the_verdict_names_its_policy() {
    scenario.given(signedBy("prod", "default"));
    List<Message> admitted = scenario.when(container("c1", "r1"));
    assertThat(only(ImageAdmitted.class, admitted).getFirst().getWithProofs()).isTrue();

    assertThat(scenario.when(pulled("r1"))).isEmpty();
    assertThat(gate().looks()).containsKey(PLACE);
    ImageReleased released = only(ImageReleased.class, scenario.when(signed())).getFirst();

    assertThat(released.getNamespace()).isEqualTo("default");
    assertThat(released.getName()).isEqualTo(NAME);
    assertThat(released.getDigest()).isEqualTo(DIGEST);
    assertThat(released.getRules(0).getPolicy()).isEqualTo("prod@1");
    assertThat(released.getRules(0).getRule()).isEqualTo("signature");
    assertThat(gate().looks()).isEmpty();
  }

  @Test
  void a_standing_release_is_neither_looked_for_nor_given_again() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    scenario.given(signed());

    scenario.given(container("c2", "r2"));

    assertThat(scenario.when(pulled("r2"))).isEmpty();
    assertThat(gate().looks()).isEmpty();
  }

  @Test
  void an_unsigned_digest_is_held_until_a_signature_is_pushed() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    ImageHeld held = only(ImageHeld.class, scenario.when(found())).getFirst();
    assertThat(held.getReason()).startsWith("signature: no signature by").endsWith("prod@1)");
    assertThat(only(ImageHeld.class, scenario.when(found()))).as("the same again").isEmpty();

    scenario.given(ReferrerPushed.newBuilder().setSubjectDigest(INDEX).build());
    assertThat(gate().looks()).containsKey(PLACE);

    assertThat(only(ImageReleased.class, scenario.when(signed()))).hasSize(1);
  }

  @Test
  void another_key_makes_old_evidence_useless_for_whatever_still_runs() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    scenario.given(signed());

    List<Message> decided = scenario.when(signed("prod", "default", TestKeys.OTHER_PEM));

    assertThat(only(GatePolicySet.class, decided).getFirst().getVersion()).isEqualTo(2);
    assertThat(decided).hasSize(1);
    assertThat(gate().verdicts()).isEmpty();
    assertThat(gate().looks()).containsKey(PLACE);
    assertThat(only(ImageHeld.class, scenario.when(found()))).hasSize(1);
  }

  @Test
  void a_policy_that_is_taken_back_releases_what_another_one_lets_pass() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    scenario.given(found());
    scenario.given(scanned(Severity.SEVERITY_LOW), scan("scan", 0));

    List<Message> decided = scenario.when(GatePolicyWithdrawn.newBuilder().setName("prod").build());

    assertThat(only(ImageReleased.class, decided)).hasSize(1);
  }

  @Test
  void what_nobody_uses_any_more_is_left_alone() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    scenario.given(found());
    scenario.given(ContainerRemoved.newBuilder().setContainerId("c1").build());

    scenario.given(ReferrerPushed.newBuilder().setSubjectDigest(DIGEST).build());

    assertThat(gate().looks()).isEmpty();
  }

  @Test
  void requests_are_forgotten_with_the_container_or_the_pull_that_they_were_for() {
    String request = EventIds.derivedHex("image", "c1");
    scenario.given(container("c1", request), pulled(request));
    assertThat(gate().asked()).containsKey(request);
    scenario.given(ContainerRemoved.newBuilder().setContainerId("c1").build());
    assertThat(gate().asked()).isEmpty();

    scenario.given(
        PullRequested.newBuilder()
            .setRequestId("p1")
            .setReference("web:1")
            .setNamespace("default")
            .build());
    scenario.given(pulled("p1"));
    assertThat(gate().asked()).isEmpty();

    scenario.given(question("q1", "web:1"), pulled("q1"));
    assertThat(scenario.decided(ImageVerified.class)).hasSize(1);
    assertThat(gate().asked()).isEmpty();
  }

  @Test
  void a_digest_under_two_names_is_looked_for_in_both_places() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    scenario.given(signed(), container("c2", "r2"));

    scenario.given(
        pulled("r2").toBuilder().setReference("quay.io/web:1").setRepository("mirror/q").build());

    assertThat(gate().looks()).containsOnlyKeys("mirror/q@" + DIGEST);
  }

  @Test
  void an_age_is_counted_from_when_the_cell_first_saw_the_digest() {
    scenario.given(
        policy("age", GatePolicy.newBuilder().setMinAgeMs(Duration.ofDays(7).toMillis())));
    scenario.given(container("c1", "r1"));
    ImageHeld held = only(ImageHeld.class, scenario.when(pulled("r1"))).getFirst();
    assertThat(held.getReason()).contains("it must be 7 days old");
    assertThat(held.getJudgeAgainMs()).isPositive();

    scenario.after(Duration.ofDays(7));
    List<Message> decided = scenario.when(lapsed());

    ImageReleased released = only(ImageReleased.class, decided).getFirst();
    assertThat(released.getJudgeAgainMs()).isZero();
  }

  @Test
  void a_scan_releases_until_it_is_too_old() {
    scenario.given(scan("scan", Duration.ofDays(1).toMillis()));
    scenario.given(container("c1", "r1"));
    assertThat(only(ImageHeld.class, scenario.when(pulled("r1"))).getFirst().getReason())
        .contains("no scanner reported on it");
    assertThat(only(ImageHeld.class, scenario.when(scanned(Severity.SEVERITY_CRITICAL))))
        .hasSize(1);
    ImageReleased released =
        only(ImageReleased.class, scenario.when(scanned(Severity.SEVERITY_LOW))).getFirst();
    assertThat(released.getJudgeAgainMs()).isPositive();

    scenario.after(Duration.ofDays(1));

    assertThat(only(ImageHeld.class, scenario.when(lapsed())).getFirst().getReason())
        .contains("is older than 1440 min");
  }

  @Test
  void a_question_is_answered_rule_by_rule() {
    scenario.given(signedBy("prod", "default"));
    List<Message> admitted = scenario.when(question("q1", "web:1"));
    assertThat(only(ImageAdmitted.class, admitted)).hasSize(1);
    assertThat(scenario.when(pulled("q1"))).isEmpty();

    ImageVerified answer = only(ImageVerified.class, scenario.when(found())).getFirst();

    assertThat(answer.getReleased()).isFalse();
    assertThat(answer.getRulesList()).extracting("rule").containsExactly("allow-list", "signature");
    assertThat(gate().questions()).isEmpty();
  }

  @Test
  void a_question_about_a_name_outside_the_allow_list_is_answered_without_a_pull() {
    scenario.given(
        SyncPolicyDeclared.newBuilder().setName("ours").setUpstream("quay.io/ours/*").build());

    List<Message> decided = scenario.when(question("q1", "web:1"));

    ImageVerified answer = only(ImageVerified.class, decided).getFirst();
    assertThat(answer.getReleased()).isFalse();
    assertThat(answer.getRules(0).getRule()).isEqualTo("allow-list");
    assertThat(answer.getRules(0).getPassed()).isFalse();
    assertThat(gate().questions()).isEmpty();
  }

  @Test
  void a_recalled_index_names_its_manifests_and_holds_them_until_it_is_lifted() {
    scenario.given(signedBy("prod", "default"), container("c1", "r1"), pulled("r1"));
    scenario.given(signed());

    List<Message> recalled =
        scenario.when(RecallRequested.newBuilder().setDigest(INDEX).setReason("backdoor").build());

    ImageRecalled recall = only(ImageRecalled.class, recalled).getFirst();
    assertThat(recall.getDigestsList()).containsExactly(DIGEST, INDEX);
    assertThat(recall.getWaveSize()).isOne();
    assertThat(only(ImageHeld.class, recalled).getFirst().getReason())
        .startsWith("recall: " + INDEX + " was recalled (backdoor)");

    List<Message> lifted = scenario.when(RecallLiftRequested.newBuilder().setDigest(INDEX).build());

    assertThat(only(RecallLifted.class, lifted)).hasSize(1);
    assertThat(only(ImageReleased.class, lifted)).hasSize(1);
  }

  private GateState gate() {
    return scenario.state().gate();
  }

  private static GatePolicyDeclared signedBy(String name, String namespace) {
    return signed(name, namespace, TestKeys.PEM);
  }

  private static GatePolicyDeclared signed(String name, String namespace, String pem) {
    return policy(
        name,
        GatePolicy.newBuilder()
            .setNamespace(namespace)
            .addSignatures(SignatureRule.newBuilder().addSigners(TestKeys.signer(pem))));
  }

  private static GatePolicyDeclared scan(String name, long ageMaxMs) {
    return policy(
        name,
        GatePolicy.newBuilder()
            .setScan(
                ScanRule.newBuilder()
                    .setSeverityMax(Severity.SEVERITY_MEDIUM)
                    .setAgeMaxMs(ageMaxMs)));
  }

  private static GatePolicyDeclared policy(String name, GatePolicy.Builder policy) {
    return GatePolicyDeclared.newBuilder().setName(name).setPolicy(policy).build();
  }

  private static ContainerRequested container(String id, String request) {
    return ContainerRequested.newBuilder()
        .setContainerId(id)
        .setImageRequestId(request)
        .setNamespace("default")
        .setSpec(ContainerSpec.newBuilder().setImage("web:1"))
        .build();
  }

  private static VerifyRequested question(String request, String reference) {
    return VerifyRequested.newBuilder()
        .setRequestId(request)
        .setReference(reference)
        .setNamespace("default")
        .build();
  }

  private static ImagePulled pulled(String request) {
    return ImagePulled.newBuilder()
        .setRequestId(request)
        .setReference(NAME + ":1")
        .setDigest(DIGEST)
        .setIndexDigest(INDEX)
        .setRepository(REPOSITORY)
        .build();
  }

  private EvidenceFound found(SignatureFound... signatures) {
    Look look = gate().looks().get(PLACE);
    return EvidenceFound.newBuilder()
        .setDigest(DIGEST)
        .setIndexDigest(INDEX)
        .setRepository(REPOSITORY)
        .setLook(look == null ? "" : look.id())
        .setTrust(Trust.of(gate().policies().values()).id())
        .addAllSignatures(List.of(signatures))
        .build();
  }

  private EvidenceFound signed() {
    return found(
        SignatureFound.newBuilder()
            .setSignedDigest(INDEX)
            .addProofs(Proof.newBuilder().setKind("key").setKeyId(TestKeys.ID))
            .build());
  }

  private ScanPosted scanned(Severity severity) {
    return ScanPosted.newBuilder()
        .setDigest(DIGEST)
        .setScanner("scanner")
        .setScannedMs(scenario.now().toEpochMilli())
        .addFindings(Findings.newBuilder().setSeverity(severity).setCount(1).setExample("CVE-1"))
        .build();
  }

  private static VerdictLapsed lapsed() {
    return VerdictLapsed.newBuilder()
        .setNamespace("default")
        .setName(NAME)
        .setDigest(DIGEST)
        .build();
  }
}
