package dev.waybill.registrysync.edge;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.ConnectionLimits;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.gate.Look;
import dev.waybill.registrysync.gate.Subject;
import dev.waybill.registrysync.gate.TestKeys;
import dev.waybill.registrysync.gate.Trust;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.NotationAlgorithm;
import dev.waybill.testkit.image.NotationSigner;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What is found in the platform's registry and where an image came from. */
class EvidenceSearchTest {
  private static final String MIRROR = "mirror/upstream/demo/web";

  private final LoopbackRegistry own = LoopbackRegistry.start();
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final Transport transport =
      new Transport(ConnectionLimits.DEFAULT, _ -> {}, InstantSource.system());
  private final EvidenceSearch search =
      new EvidenceSearch(
          transport,
          Credentials.none(),
          new OwnRegistry(own::uri, new Credentials.Login("admin", "token")),
          Optional.empty(),
          InstantSource.system());

  @AfterEach
  void close() {
    transport.close();
    own.close();
    upstream.close();
  }

  @Test
  void signatures_here_and_upstream_are_found_once_each() throws Exception {
    MadeImage image = image("app");
    MadeImage signature = TestKeys.SIGNER.signature("web", image.digest());
    String tag = ImageSigner.tag(image.digest(), "sig");
    own.add(MIRROR, "1", image);
    own.add(MIRROR, tag, signature);
    upstream.add("demo/web", tag, signature);
    upstream.add(
        "demo/web",
        ImageSigner.tag(image.digest(), "att"),
        TestKeys.SIGNER.attestation("https://slsa.dev/provenance/v1", "{}", image.digest()));

    EvidenceFound found = look(image, trust());

    assertThat(found.getSignaturesList()).hasSize(1);
    assertThat(found.getSignatures(0).getProofs(0).getKeyId()).isEqualTo(TestKeys.ID);
    assertThat(found.getAttestationsList()).hasSize(1);
    assertThat(found.getFaultsList()).isEmpty();
    assertThat(found.getLook()).isEqualTo("look");
    assertThat(found.getTrust()).isEqualTo(trust().id());
  }

  @Test
  void a_signature_of_notation_in_cose_is_found_as_a_referrer() throws Exception {
    MadeImage image = image("app");
    NotationSigner signer =
        NotationSigner.create("CN=release", NotationAlgorithm.PS256, Instant.now());
    own.add(MIRROR, "1", image);
    own.add(
        MIRROR, "sha256-" + image.digest().hex(), ImageMaker.index(signer.signature(image.root())));

    Signer release = Signer.newBuilder().setNotationRoots(signer.pem()).build();
    EvidenceFound found = look(image, new Trust(List.of(release), List.of()));

    assertThat(found.getSignaturesList()).hasSize(1);
    assertThat(found.getSignatures(0).getSignedDigest()).isEqualTo(image.digest().toString());
    assertThat(found.getSignatures(0).getProofs(0).getFault()).isEmpty();
    assertThat(found.getSignatures(0).getProofs(0).getIdentity()).isEqualTo("CN=release");
  }

  @Test
  void an_attached_bill_of_materials_is_found_and_a_statement_about_another_image_is_a_fault()
      throws Exception {
    MadeImage image = image("app");
    own.add(MIRROR, "1", image);
    MadeImage sbom =
        ImageSigner.referrer(
            image.root(),
            "application/spdx+json",
            "application/spdx+json",
            "{}".getBytes(StandardCharsets.UTF_8));
    own.add(MIRROR, "sha256-" + image.digest().hex(), ImageMaker.index(sbom));
    own.add(
        MIRROR,
        ImageSigner.tag(image.digest(), "att"),
        TestKeys.SIGNER.attestation(
            "https://slsa.dev/provenance/v1", "{}", Digest.of(new byte[1])));

    EvidenceFound found = look(image, trust());

    assertThat(found.getAttestationsList())
        .extracting("predicateType")
        .containsExactly("application/spdx+json");
    assertThat(found.getFaultsList()).hasSize(1);
    assertThat(found.getFaults(0)).endsWith("its statement speaks of another image");
  }

  @Test
  void an_image_stands_on_a_base_whose_layers_are_its_lowest_ones() throws Exception {
    LayerEntry bottom = LayerEntry.file("etc/base", "base");
    MadeImage base = ImageMaker.image().layer(LayerCompression.GZIP, bottom).make();
    MadeImage other = image("other");
    MadeImage image =
        ImageMaker.image()
            .layer(LayerCompression.GZIP, bottom)
            .layer(LayerCompression.GZIP, LayerEntry.file("etc/app", "app"))
            .make();
    own.add(MIRROR, "1", image);
    upstream.add("base/alpine", "3", base);
    upstream.add("base/other", "3", other);
    String alpine = upstream.host() + "/base/alpine@" + base.digest();

    EvidenceFound found =
        look(
            image,
            new Trust(
                List.of(), List.of(alpine, upstream.host() + "/base/other@" + other.digest())));

    assertThat(found.getBasesList()).containsExactly(alpine);
  }

  @Test
  void a_base_that_is_gone_and_an_upstream_that_is_away_are_told() throws Exception {
    MadeImage image = image("app");
    own.add(MIRROR, "1", image);
    String gone = own.host() + "/base/gone@" + Digest.of(new byte[1]);
    String away = upstream.host();
    upstream.close();

    EvidenceFound found = look(image, new Trust(List.of(), List.of(gone)));

    assertThat(found.getFaultsList()).hasSize(2);
    assertThat(found.getFaults(0)).startsWith("base image " + gone + ": there is no");
    assertThat(found.getFaults(1)).startsWith(away + ": ");
  }

  private EvidenceFound look(MadeImage image, Trust trust) throws Exception {
    String digest = image.digest().toString();
    var subject =
        new Subject(
            "default",
            upstream.host() + "/demo/web",
            digest,
            digest,
            MIRROR,
            upstream.host() + "/demo/web:1");
    return search.search(new Look("look", subject), trust);
  }

  private static Trust trust() {
    return new Trust(List.of(TestKeys.signer(TestKeys.PEM)), List.of());
  }

  private static MadeImage image(String text) {
    return ImageMaker.image()
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", text))
        .make();
  }
}
