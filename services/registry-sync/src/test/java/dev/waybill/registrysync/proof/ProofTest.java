package dev.waybill.registrysync.proof;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.registry.AttestationFound;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.kernel.Digest;
import dev.waybill.registrysync.gate.TestKeys;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.NotationAlgorithm;
import dev.waybill.testkit.image.NotationSigner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Signatures as clients make them, good ones and bad ones. */
class ProofTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Digest IMAGE = Digest.of("image".getBytes(StandardCharsets.UTF_8));
  private static final String SIGNATURE = "dev.cosignproject.cosign/signature";

  private final Trusted trusted = trust(TestKeys.signer(TestKeys.PEM));

  private static Trusted trust(Signer... signers) {
    return Trusted.of(List.of(signers), Optional.empty(), NOW);
  }

  @Test
  void a_cosign_signature_names_its_digest_and_its_key() {
    SignatureFound found = simple(TestKeys.SIGNER, ImageSigner.payload("web", IMAGE));
    assertThat(found.getSignedDigest()).isEqualTo(IMAGE.toString());
    assertThat(found.getProofs(0).getKeyId()).isEqualTo(TestKeys.ID);
    assertThat(found.getProofs(0).getFault()).isEmpty();
  }

  @Test
  void a_cosign_signature_by_a_stranger_over_another_payload_or_without_one_proves_nothing() {
    byte[] payload = ImageSigner.payload("web", IMAGE);
    assertThat(simple(ImageSigner.create(), payload).getProofs(0).getFault())
        .isEqualTo("it is by none of the trusted keys");
    byte[] moved = ImageSigner.payload("web", Digest.of(new byte[0]));
    assertThat(
            read(moved, Base64.getEncoder().encodeToString(TestKeys.SIGNER.sign(payload)))
                .getProofs(0)
                .getFault())
        .isEqualTo("it is by none of the trusted keys");
    assertThat(read(payload, "%").getProofs(0).getFault()).isEqualTo("it is not base64");
    assertThat(simple(TestKeys.SIGNER, bytes("{}")).getProofs(0).getFault())
        .isEqualTo("its payload is not a container image signature");
    assertThat(simple(TestKeys.SIGNER, bytes("{\"critical\":{},\"critical\":{}}")).getProofs(0))
        .extracting(Proof::getFault)
        .isEqualTo("it is not JSON");
  }

  @Test
  void a_statement_tells_its_type_its_builder_and_its_key() throws Exception {
    AttestationFound found = Dsse.attestation("d", statement(), IMAGE.toString()::equals, trusted);
    assertThat(found.getPredicateType()).isEqualTo("https://slsa.dev/provenance/v0.2");
    assertThat(found.getBuilder()).isEqualTo("https://builder/1");
    assertThat(found.getProofs(0).getKeyId()).isEqualTo(TestKeys.ID);
  }

  @Test
  void a_statement_about_another_image_is_none_about_this_one() {
    assertThatThrownBy(() -> Dsse.attestation("d", statement(), _ -> false, trusted))
        .isInstanceOf(MalformedProofException.class)
        .hasMessage("its statement speaks of another image");
  }

  @Test
  void a_bundle_with_a_key_s_signature_over_a_statement_is_an_attestation() throws Exception {
    byte[] bundle =
        bytes(
            "{\"mediaType\":\"application/vnd.dev.sigstore.bundle.v0.3+json\","
                + "\"verificationMaterial\":{\"publicKey\":{\"hint\":\"\"}},\"dsseEnvelope\":"
                + new String(statement(), StandardCharsets.UTF_8)
                + "}");
    Bundle.Read read =
        Bundle.read("d", bundle, IMAGE.toString(), IMAGE.toString()::equals, trusted);
    assertThat(read.signature()).isEmpty();
    assertThat(read.attestation().orElseThrow().getProofs(0).getKeyId()).isEqualTo(TestKeys.ID);
  }

  @Test
  void cosign_s_own_statement_type_is_a_signature() throws Exception {
    byte[] envelope = TestKeys.SIGNER.envelope("https://sigstore.dev/cosign/sign/v1", "{}", IMAGE);
    byte[] bundle =
        bytes(
            "{\"verificationMaterial\":{},\"dsseEnvelope\":"
                + new String(envelope, StandardCharsets.UTF_8)
                + "}");
    Bundle.Read read =
        Bundle.read("d", bundle, IMAGE.toString(), IMAGE.toString()::equals, trusted);
    assertThat(read.signature().orElseThrow().getSignedDigest()).isEqualTo(IMAGE.toString());
    assertThat(read.signature().orElseThrow().getProofs(0).getKeyId()).isEqualTo(TestKeys.ID);
  }

  @Test
  void a_keyless_bundle_without_a_configured_root_says_what_to_set() throws Exception {
    byte[] bundle =
        bytes(
            "{\"verificationMaterial\":{\"certificate\":{}},\"dsseEnvelope\":"
                + new String(statement(), StandardCharsets.UTF_8)
                + "}");
    Bundle.Read read =
        Bundle.read("d", bundle, IMAGE.toString(), IMAGE.toString()::equals, trusted);
    assertThat(read.attestation().orElseThrow().getProofs(0).getFault())
        .contains("waybill.registry-sync.sigstore-trusted-root");
  }

  @Test
  void a_notation_envelope_leads_to_its_root_and_names_its_signer() throws Exception {
    NotationSigner authority = NotationSigner.create("CN=release", NotationAlgorithm.ES256, NOW);
    Trusted roots = trust(Signer.newBuilder().setNotationRoots(authority.pem()).build());
    SignatureFound found =
        Notation.read("d", JwsEnvelope.MEDIA_TYPE, authority.jws(IMAGE, NotationSigner.FAR), roots);
    assertThat(found.getSignedDigest()).isEqualTo(IMAGE.toString());
    assertThat(found.getProofs(0).getFault()).isEmpty();
    assertThat(found.getProofs(0).getIdentity()).isEqualTo("CN=release");

    Trusted others =
        trust(
            Signer.newBuilder()
                .setNotationRoots(
                    NotationSigner.create("CN=release", NotationAlgorithm.ES256, NOW).pem())
                .build());
    assertThat(
            Notation.read(
                    "d", JwsEnvelope.MEDIA_TYPE, authority.jws(IMAGE, NotationSigner.FAR), others)
                .getProofs(0)
                .getFault())
        .startsWith("its chain leads to no trusted root");
    Trusted later =
        Trusted.of(
            List.of(Signer.newBuilder().setNotationRoots(authority.pem()).build()),
            Optional.empty(),
            NOW.plusSeconds(86_400L * 400));
    assertThat(
            Notation.read(
                    "d", JwsEnvelope.MEDIA_TYPE, authority.jws(IMAGE, NotationSigner.FAR), later)
                .getProofs(0)
                .getFault())
        .startsWith("its chain leads to no trusted root");
    byte[] expired = authority.jws(IMAGE, NOW);
    assertThat(Notation.read("d", JwsEnvelope.MEDIA_TYPE, expired, roots).getProofs(0).getFault())
        .startsWith("it expired at");
    byte[] forged =
        new String(authority.jws(IMAGE, NotationSigner.FAR), StandardCharsets.UTF_8)
            .replace("\"payload\":\"ey", "\"payload\":\"ex")
            .getBytes(StandardCharsets.UTF_8);
    assertThat(Notation.read("d", JwsEnvelope.MEDIA_TYPE, forged, roots).getProofs(0).getFault())
        .isNotEmpty();
  }

  private static byte[] statement() {
    return TestKeys.SIGNER.envelope(
        "https://slsa.dev/provenance/v0.2", "{\"builder\":{\"id\":\"https://builder/1\"}}", IMAGE);
  }

  private SignatureFound simple(ImageSigner signer, byte[] payload) {
    return read(payload, Base64.getEncoder().encodeToString(signer.sign(payload)));
  }

  private SignatureFound read(byte[] payload, String signature) {
    var annotations = new TreeMap<String, String>();
    annotations.put(SIGNATURE, signature);
    return SimpleSigning.read("d", annotations, payload, trusted);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
