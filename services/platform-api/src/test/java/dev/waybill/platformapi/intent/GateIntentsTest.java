package dev.waybill.platformapi.intent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.api.RecallImage;
import dev.waybill.contracts.api.SetGatePolicy;
import dev.waybill.contracts.spec.AttestationRule;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.SignatureRule;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.testkit.image.ImageSigner;
import org.junit.jupiter.api.Test;

/** Each refusal is one line that says what to do. */
class GateIntentsTest {
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  @Test
  void a_policy_that_makes_sense_is_taken_as_it_is() {
    GatePolicy policy =
        GatePolicy.newBuilder()
            .setNamespace("prod")
            .addRepositories("docker.io/library/*")
            .addDeniedDigests(DIGEST)
            .addBaseImages("docker.io/library/alpine@" + DIGEST)
            .addSignatures(
                SignatureRule.newBuilder()
                    .addSigners(Signer.newBuilder().setPublicKey(ImageSigner.create().pem())))
            .build();
    assertThat(GateIntents.policy(body(policy)).getPolicy()).isEqualTo(policy);
  }

  @Test
  void what_makes_no_sense_is_named() {
    refused(GatePolicy.newBuilder().setNamespace("prod"), "the policy asks for nothing");
    refused(GatePolicy.newBuilder().addDeniedDigests("latest"), "'latest' is no digest");
    refused(GatePolicy.newBuilder().addBaseImages("alpine:3"), "must be pinned");
    refused(GatePolicy.newBuilder().addRepositories("web"), "must be HOST/REPOSITORY");
    refused(GatePolicy.newBuilder().setMinAgeMs(-1), "minAgeMs must not be negative");
    refused(
        GatePolicy.newBuilder().addSignatures(SignatureRule.getDefaultInstance()),
        "needs at least one signer");
    refused(signer(Signer.newBuilder()), "exactly one of publicKey, notationRoots and identity");
    refused(
        signer(Signer.newBuilder().setPublicKey("-----BEGIN PUBLIC KEY-----\nAAAA\n")),
        "publicKey is no EC, RSA or Ed25519 key in PEM");
    refused(
        signer(Signer.newBuilder().setNotationRoots("x")), "notationRoots holds no certificate");
    refused(signer(Signer.newBuilder().setIdentity("me")), "needs the issuer that vouches for it");
    refused(
        GatePolicy.newBuilder().addAttestations(AttestationRule.getDefaultInstance()),
        "needs a kind");
  }

  @Test
  void a_recall_needs_a_digest_and_a_sensible_wave() {
    assertThat(GateIntents.recall(RecallImage.newBuilder().setDigest(DIGEST).build()).getDigest())
        .isEqualTo(DIGEST);
    assertThatThrownBy(() -> GateIntents.recall(RecallImage.newBuilder().setDigest("web").build()))
        .hasMessageContaining("'web' is no digest");
    assertThatThrownBy(
            () ->
                GateIntents.recall(
                    RecallImage.newBuilder().setDigest(DIGEST).setWaveSize(-1).build()))
        .hasMessage("waveSize is 4294967295, it must be 1 to 1000");
  }

  private static GatePolicy.Builder signer(Signer.Builder signer) {
    return GatePolicy.newBuilder().addSignatures(SignatureRule.newBuilder().addSigners(signer));
  }

  private static void refused(GatePolicy.Builder policy, String why) {
    assertThatThrownBy(() -> GateIntents.policy(body(policy.build())))
        .isInstanceOf(Problem.Raised.class)
        .hasMessageContaining(why);
  }

  private static SetGatePolicy body(GatePolicy policy) {
    return SetGatePolicy.newBuilder().setName("gate").setPolicy(policy).build();
  }
}
