package dev.waybill.registrysync.gate;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.registry.AttestationFound;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.RuleVerdict;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.contracts.spec.AgeClock;
import dev.waybill.contracts.spec.AttestationKind;
import dev.waybill.contracts.spec.AttestationRule;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.ScanRule;
import dev.waybill.contracts.spec.Severity;
import dev.waybill.contracts.spec.SignatureRule;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.contracts.workload.Findings;
import dev.waybill.contracts.workload.ScanPosted;
import dev.waybill.testkit.seed.Seeds;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Each rule by example, and what must hold for all of them. */
class JudgeTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);
  private static final String INDEX = "sha256:" + "cd".repeat(32);
  private static final String BASE = "docker.io/library/alpine@sha256:" + "12".repeat(32);
  private static final long NOW = 1_000_000;
  private static final Subject SUBJECT =
      new Subject("default", "docker.io/library/web", DIGEST, INDEX, "mirror/x", "web:1");

  @Test
  void a_signature_over_the_index_counts_for_the_manifest_that_it_names() {
    assertThat(signature(by(TestKeys.ID), INDEX).getPassed()).isTrue();
    assertThat(signature(by(TestKeys.ID), DIGEST).getPassed()).isTrue();
  }

  @Test
  void a_signature_over_something_else_or_by_somebody_else_does_not_count() {
    assertThat(signature(by(TestKeys.ID), BASE.substring(BASE.indexOf('@') + 1)).getWhy())
        .isEqualTo("no signature by release-key; sign the digest and push the signature");
    assertThat(signature(by(DIGEST), DIGEST).getWhy()).contains("of 1 found, none will do");
    assertThat(signature(fault("it is by none of the trusted keys"), DIGEST).getWhy())
        .endsWith("none will do: it is by none of the trusted keys");
    assertThat(signature(by(TestKeys.ID), "").getPassed()).as("speaks of nothing").isFalse();
  }

  @Test
  void a_keyless_signer_needs_both_the_identity_and_the_issuer() {
    Signer signer =
        Signer.newBuilder().setIdentity("https://ci.example/*").setIssuer("https://idp").build();
    Proof good = keyless("https://ci.example/build", "https://idp");
    assertThat(rule(signedBy(signer), signed(good, DIGEST)).getPassed()).isTrue();
    Proof elsewhere = keyless("https://ci.example/build", "https://other");
    assertThat(rule(signedBy(signer), signed(elsewhere, DIGEST)).getPassed()).isFalse();
    Proof other = keyless("https://evil.example/https://ci.example/", "https://idp");
    assertThat(rule(signedBy(signer), signed(other, DIGEST)).getPassed()).isFalse();
  }

  @Test
  void provenance_must_be_by_an_allowed_builder_and_signed_where_signers_are_named() {
    AttestationRule.Builder asked =
        AttestationRule.newBuilder()
            .setKind(AttestationKind.ATTESTATION_KIND_PROVENANCE)
            .addBuilders("https://builder/*");
    AttestationFound found =
        AttestationFound.newBuilder()
            .setPredicateType("https://slsa.dev/provenance/v1")
            .setBuilder("https://builder/7")
            .addProofs(by(TestKeys.ID))
            .build();
    assertThat(attested(asked, found).getPassed()).isTrue();
    assertThat(attested(asked, found.toBuilder().setBuilder("me").build()).getWhy())
        .contains("names the builder 'me', allowed is https://builder/*");
    asked.addSigners(TestKeys.signer(TestKeys.PEM));
    assertThat(attested(asked, found).getPassed()).isTrue();
    assertThat(attested(asked, found.toBuilder().clearProofs().build()).getWhy())
        .contains("is not signed by release-key");
    assertThat(attested(asked, found.toBuilder().setPredicateType("x").build()).getWhy())
        .isEqualTo("no SLSA provenance is attached; push one");
  }

  @Test
  void a_base_is_shown_by_layers_and_its_annotation_is_believed_only_where_the_policy_says_so() {
    GatePolicy.Builder asked = GatePolicy.newBuilder().addBaseImages(BASE);
    String annotation = BASE.substring(BASE.indexOf('@') + 1);
    assertThat(rule(asked, EvidenceFound.newBuilder().addBases(BASE)).getPassed()).isTrue();
    EvidenceFound.Builder claimed = EvidenceFound.newBuilder().setBaseAnnotation(annotation);
    assertThat(rule(asked, claimed).getWhy()).endsWith("which isn't believed");
    assertThat(rule(asked.setBaseAnnotation(true), claimed).getPassed()).isTrue();
  }

  @Test
  void an_image_that_says_nothing_of_its_age_has_none() {
    GatePolicy.Builder asked =
        GatePolicy.newBuilder().setMinAgeMs(10).setAgeClock(AgeClock.AGE_CLOCK_CREATED);
    assertThat(rule(asked, EvidenceFound.newBuilder()).getWhy())
        .contains("doesn't say when it was made");
    assertThat(rule(asked, EvidenceFound.newBuilder().setCreatedMs(NOW - 10)).getPassed()).isTrue();
    assertThat(rule(asked, EvidenceFound.newBuilder().setCreatedMs(NOW - 9)).getPassed()).isFalse();
  }

  @Test
  void whatever_is_known_a_verdict_passes_exactly_if_every_rule_of_every_policy_does() {
    Seeds.forEachSeed(300, JudgeTest::checkSeed);
  }

  private static void checkSeed(long seed) {
    var random = new SplittableRandom(seed);
    Known known = known(random);
    List<GatePolicySet> policies = new ArrayList<>();
    for (int i = random.nextInt(1, 4); i > 0; i--) {
      policies.add(set("p" + i, policy(random)));
    }
    Verdict all = Judge.judge(SUBJECT, policies, known);
    assertThat(all).isEqualTo(Judge.judge(SUBJECT, policies, known));
    boolean each =
        policies.stream().allMatch(p -> Judge.judge(SUBJECT, List.of(p), known).passed());
    assertThat(all.passed()).isEqualTo(each);
    assertThat(all.reason().isEmpty()).isEqualTo(all.passed());
    assertThat(all.judgeAgainMs())
        .satisfiesAnyOf(
            ms -> assertThat(ms).isZero(), ms -> assertThat(ms).isGreaterThan(known.nowMs()));
    // No signature, no release: nothing slips past.
    boolean asksForSignature =
        policies.stream().anyMatch(p -> p.getPolicy().getSignaturesCount() > 0);
    if (asksForSignature && known.evidence().isEmpty()) {
      assertThat(all.passed()).isFalse();
    }
    // Another policy never releases what was held.
    Verdict more = Judge.judge(SUBJECT, plus(policies, set("z", policy(random))), known);
    assertThat(more.passed() && !all.passed()).isFalse();
  }

  private static List<GatePolicySet> plus(List<GatePolicySet> policies, GatePolicySet one) {
    var more = new ArrayList<>(policies);
    more.add(one);
    return more;
  }

  private static Known known(SplittableRandom random) {
    var evidence =
        EvidenceFound.newBuilder().setDigest(DIGEST).setCreatedMs(random.nextLong(0, 2 * NOW));
    if (random.nextBoolean()) {
      evidence.addSignatures(
          SignatureFound.newBuilder()
              .setSignedDigest(random.nextBoolean() ? DIGEST : "sha256:other")
              .addProofs(random.nextBoolean() ? by(TestKeys.ID) : fault("no")));
    }
    if (random.nextBoolean()) {
      evidence.addBases(BASE);
    }
    Optional<ScanPosted> scan =
        random.nextBoolean()
            ? Optional.empty()
            : Optional.of(
                ScanPosted.newBuilder()
                    .setScannedMs(random.nextLong(0, NOW))
                    .addFindings(
                        Findings.newBuilder()
                            .setSeverityValue(random.nextInt(1, 6))
                            .setCount(random.nextInt(0, 3)))
                    .build());
    return new Known(
        random.nextBoolean() ? Optional.of(evidence.build()) : Optional.empty(),
        scan,
        random.nextLong(1, NOW),
        Optional.empty(),
        NOW);
  }

  private static GatePolicy policy(SplittableRandom random) {
    var policy = GatePolicy.newBuilder();
    if (random.nextBoolean()) {
      policy.setMinAgeMs(random.nextLong(1, NOW)).setAgeClockValue(random.nextInt(0, 3));
    }
    if (random.nextBoolean()) {
      policy.addSignatures(SignatureRule.newBuilder().addSigners(TestKeys.signer(TestKeys.PEM)));
    }
    if (random.nextBoolean()) {
      policy.addBaseImages(BASE);
    }
    if (random.nextBoolean()) {
      policy.setScan(
          ScanRule.newBuilder()
              .setSeverityMax(Severity.forNumber(random.nextInt(0, 6)))
              .setAgeMaxMs(random.nextLong(0, NOW)));
    }
    if (random.nextInt(5) == 0) {
      policy.addDeniedDigests(random.nextBoolean() ? DIGEST : "sha256:none");
    }
    return policy.build();
  }

  private static RuleVerdict signature(Proof proof, String signedDigest) {
    return rule(signedBy(TestKeys.signer(TestKeys.PEM)), signed(proof, signedDigest));
  }

  private static GatePolicy.Builder signedBy(Signer signer) {
    return GatePolicy.newBuilder().addSignatures(SignatureRule.newBuilder().addSigners(signer));
  }

  private static EvidenceFound.Builder signed(Proof proof, String signedDigest) {
    return EvidenceFound.newBuilder()
        .addSignatures(SignatureFound.newBuilder().setSignedDigest(signedDigest).addProofs(proof));
  }

  private static RuleVerdict attested(AttestationRule.Builder asked, AttestationFound found) {
    return rule(
        GatePolicy.newBuilder().addAttestations(asked),
        EvidenceFound.newBuilder().addAttestations(found));
  }

  private static RuleVerdict rule(GatePolicy.Builder policy, EvidenceFound.Builder evidence) {
    var known =
        new Known(Optional.of(evidence.build()), Optional.empty(), 1, Optional.empty(), NOW);
    return Judge.judge(SUBJECT, List.of(set("p", policy.build())), known).rules().getFirst();
  }

  private static GatePolicySet set(String name, GatePolicy policy) {
    return GatePolicySet.newBuilder().setName(name).setVersion(1).setPolicy(policy).build();
  }

  private static Proof by(String keyId) {
    return Proof.newBuilder().setKind("key").setKeyId(keyId).build();
  }

  private static Proof keyless(String identity, String issuer) {
    return Proof.newBuilder().setKind("keyless").setIdentity(identity).setIssuer(issuer).build();
  }

  private static Proof fault(String why) {
    return Proof.newBuilder().setKind("key").setFault(why).build();
  }
}
