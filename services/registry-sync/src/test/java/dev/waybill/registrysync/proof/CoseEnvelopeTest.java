package dev.waybill.registrysync.proof;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.kernel.Digest;
import dev.waybill.testkit.image.NotationAlgorithm;
import dev.waybill.testkit.image.NotationSigner;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Notation's signatures in COSE, as Notation makes them and as it doesn't. */
class CoseEnvelopeTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Digest IMAGE = Digest.of("image".getBytes(StandardCharsets.UTF_8));
  private static final String SCHEME = NotationEnvelope.SCHEME;
  private static final String EXPIRY = NotationEnvelope.EXPIRY;
  private static final String CONTENT = "application/vnd.cncf.notary.payload.v1+json";
  private static final byte[] PAYLOAD = NotationSigner.payload(IMAGE);

  private final NotationSigner signer =
      NotationSigner.create("CN=release", NotationAlgorithm.ES256, NOW);

  @ParameterizedTest
  @EnumSource(NotationAlgorithm.class)
  void an_envelope_names_its_image_and_its_signer(NotationAlgorithm algorithm) {
    NotationSigner one = NotationSigner.create("CN=release", algorithm, NOW);
    SignatureFound found = read(one.cose(IMAGE, NotationSigner.FAR), one);
    assertThat(found.getProofs(0).getFault()).isEmpty();
    assertThat(found.getSignedDigest()).isEqualTo(IMAGE.toString());
    assertThat(found.getProofs(0).getKind()).isEqualTo("notation");
    assertThat(found.getProofs(0).getIdentity()).isEqualTo("CN=release");
    SignatureFound inJson =
        Notation.read("d", JwsEnvelope.MEDIA_TYPE, one.jws(IMAGE, NotationSigner.FAR), trust(one));
    assertThat(found).as("both forms say the same").isEqualTo(inJson);
  }

  @Test
  void whoever_is_not_trusted_proves_nothing() {
    NotationSigner other = NotationSigner.create("CN=release", NotationAlgorithm.ES256, NOW);
    byte[] envelope = signer.cose(IMAGE, NotationSigner.FAR);
    assertThat(read(envelope, other).getProofs(0).getFault())
        .startsWith("its chain leads to no trusted root");
    Trusted nobody = Trusted.of(List.of(), Optional.empty(), NOW);
    assertThat(read(envelope, nobody)).isEqualTo("no policy names a root for Notation");
    Trusted later =
        Trusted.of(List.of(roots(signer)), Optional.empty(), NOW.plusSeconds(40_000_000));
    assertThat(read(envelope, later)).startsWith("its chain leads to no trusted root");
  }

  @Test
  void what_was_altered_after_signing_is_not_by_its_certificate() {
    byte[] header = signer.header(NotationSigner.FAR, SCHEME, EXPIRY);
    byte[] good = signer.cose(header, PAYLOAD);
    byte[] signature = Arrays.copyOfRange(good, good.length - 64, good.length);
    assertThat(fault(signer.message(header, PAYLOAD, signature))).isEmpty();
    byte[] moved = NotationSigner.payload(Digest.of(new byte[1]));
    assertThat(fault(signer.message(header, moved, signature)))
        .isEqualTo("its signature is not by its certificate");
    byte[] longer = signer.header(NotationSigner.FAR.plusSeconds(1), SCHEME, EXPIRY);
    assertThat(fault(signer.message(longer, PAYLOAD, signature)))
        .isEqualTo("its signature is not by its certificate");
    NotationSigner other = NotationSigner.create("CN=release", NotationAlgorithm.ES256, NOW);
    byte[] others = other.cose(header, PAYLOAD);
    assertThat(
            fault(
                signer.message(
                    header,
                    PAYLOAD,
                    Arrays.copyOfRange(others, others.length - 64, others.length))))
        .isEqualTo("its signature is not by its certificate");
    assertThat(fault(signer.message(header, PAYLOAD, new byte[3]))).isNotEmpty();
  }

  @Test
  void a_header_that_must_be_obeyed_and_is_not_known_is_refused() {
    assertThat(fault(signer.cose(signer.header(NotationSigner.FAR, SCHEME, "x"), PAYLOAD)))
        .isEqualTo("a critical header isn't there");
    byte[] verificationPlugin =
        hex(
            "a7"
                + "0126"
                + "0281"
                + text("x.plugin")
                + "03"
                + text(CONTENT)
                + text(SCHEME)
                + text("notary.x509")
                + text("x.plugin")
                + "01"
                + "0405"
                + "0607");
    assertThat(fault(signer.cose(verificationPlugin, PAYLOAD)))
        .isEqualTo("it wants 'x.plugin' obeyed, which isn't supported");
    byte[] numbered = hex("a4" + "0126" + "028104" + "0441" + "00" + "03" + text(CONTENT));
    assertThat(fault(signer.cose(numbered, PAYLOAD)))
        .isEqualTo("it wants 'label 4' obeyed, which isn't supported");
    byte[] none = hex("a3" + "0126" + "0280" + "03" + text(CONTENT));
    assertThat(fault(signer.cose(none, PAYLOAD))).isEqualTo("its critical headers are no list");
  }

  @Test
  void an_envelope_that_expired_or_is_of_another_kind_is_refused() {
    assertThat(fault(signer.cose(IMAGE, NOW))).isEqualTo("it expired at " + NOW);
    String scheme = text(SCHEME) + text("notary.x509.signingAuthority");
    byte[] authority = hex("a4" + "0126" + "0281" + text(SCHEME) + "03" + text(CONTENT) + scheme);
    assertThat(fault(signer.cose(authority, PAYLOAD))).contains("'notary.x509.signingAuthority'");
    byte[] other = hex("a2" + "0126" + "03" + text("text/plain"));
    assertThat(fault(signer.cose(other, PAYLOAD))).isEqualTo("its content type is not Notation's");
    byte[] hmac = hex("a1" + "0105");
    assertThat(fault(signer.cose(hmac, PAYLOAD)))
        .isEqualTo("its algorithm 5 isn't one of Notation's");
    byte[] asText = hex("a2" + "0126" + text(EXPIRY) + text("2099-01-01T00:00:00Z"));
    assertThat(fault(signer.cose(asText, PAYLOAD))).isEqualTo("its expiry is no time");
    byte[] never = hex("a2" + "0126" + text(EXPIRY) + "c1" + "1b7fffffffffffffff");
    assertThat(fault(signer.cose(never, PAYLOAD))).isEqualTo("its expiry is no time");
    byte[] digits = hex("a1" + text("1") + "26");
    assertThat(fault(signer.cose(digits, PAYLOAD))).as("1 is not \"1\"").contains("algorithm");
    Trusted roots = trust(signer);
    assertThat(
            Notation.read(
                    "d", "application/octet-stream", signer.cose(IMAGE, NotationSigner.FAR), roots)
                .getProofs(0)
                .getFault())
        .isEqualTo("its envelope 'application/octet-stream' isn't one of Notation's");
  }

  @Test
  void a_message_without_its_parts_is_none() {
    String shape = "it is no COSE message with one signer and a payload";
    assertThat(fault(hex("d28440a040"))).isEqualTo("it is not CBOR");
    assertThat(fault(hex("d28340a040"))).isEqualTo(shape);
    assertThat(fault(hex("8440a04040"))).as("without its tag").isEqualTo(shape);
    assertThat(fault(hex("c18440a04040"))).as("a date").isEqualTo(shape);
    assertThat(fault(hex("d28440a0f640"))).as("a payload that is elsewhere").isEqualTo(shape);
    assertThat(fault(hex("d28441a0a04040"))).startsWith("its algorithm");
    assertThat(fault(hex("d28440a04040"))).isEqualTo("it is not CBOR");
    assertThat(fault(hex("d284" + "43a10126" + "a10126" + "4040")))
        .isEqualTo("a header is both protected and not");
    assertThat(fault(hex("d284" + "43a10126" + "a0" + "4040")))
        .isEqualTo("it comes without certificates");
    assertThat(fault(hex("d284" + "43a10126" + "a118214101" + "4040"))).isNotEmpty();
  }

  @Test
  void what_could_be_read_in_two_ways_is_refused() {
    String later = "its CBOR doesn't tell a length beforehand";
    assertThat(fault(hex("d29f40a04040ff"))).isEqualTo(later);
    assertThat(fault(hex("d28440bfff4040"))).isEqualTo(later);
    assertThat(fault(hex("d2845f4100ffa04040"))).isEqualTo(later);
    assertThat(fault(signer.cose(hex("bf0126ff"), PAYLOAD))).isEqualTo(later);
    assertThat(fault(signer.cose(hex("a1017f6161ff"), PAYLOAD))).isEqualTo(later);
    assertThat(fault(signer.cose(hex("a17f6161ff01"), PAYLOAD))).isEqualTo(later);
    assertThat(fault(signer.cose(hex("a201260126"), PAYLOAD)))
        .isEqualTo("its CBOR has a label twice");
    assertThat(fault(signer.cose(hex("a2616126616126"), PAYLOAD)))
        .isEqualTo("its CBOR has a label twice");
    assertThat(fault(signer.cose(hex("a1410126"), PAYLOAD)))
        .isEqualTo("its CBOR has a label that is neither number nor text");
    assertThat(fault(signer.cose(hex("a1c1c10126"), PAYLOAD))).isNotEmpty();
    assertThat(fault(signer.cose(hex("a101c1c126"), PAYLOAD)))
        .isEqualTo("its CBOR has a tag in a tag");
    assertThat(fault(signer.cose(hex("a101c24101"), PAYLOAD)))
        .isEqualTo("its CBOR has tags that mean nothing to Notation");
    assertThat(fault(signer.cose(hex("a1011bffffffffffffffff"), PAYLOAD)))
        .isEqualTo("its CBOR has a number that is too large");
    byte[] good = signer.cose(IMAGE, NotationSigner.FAR);
    assertThat(fault(Arrays.copyOf(good, good.length + 1))).isEqualTo("something follows its CBOR");
  }

  @Test
  void what_is_cut_deep_or_large_costs_nothing() {
    byte[] good = signer.cose(IMAGE, NotationSigner.FAR);
    for (int length = 0; length < good.length; length++) {
      assertThat(fault(Arrays.copyOf(good, length))).as("%s bytes", length).isNotEmpty();
    }
    assertThat(fault(hex("81".repeat(10_000)))).isEqualTo("it is not CBOR");
    assertThat(fault(signer.cose(hex("a101" + "81".repeat(5000)), PAYLOAD)))
        .isEqualTo("it is not CBOR");
    assertThat(fault(hex("d2845b7fffffffffffffff00"))).isEqualTo("it is not CBOR");
    assertThat(fault(hex("d29b7fffffffffffffff00"))).isNotEmpty();
    assertThat(fault(new byte[2 << 20])).isEqualTo("it has more than 1048576 bytes");
  }

  @Test
  void whatever_single_byte_is_changed_nothing_unsigned_is_believed() {
    byte[] good = signer.cose(IMAGE, NotationSigner.FAR);
    Random random = new Random(7);
    for (int i = 0; i < good.length; i++) {
      byte[] changed = good.clone();
      changed[i] ^= (byte) (1 + random.nextInt(255));
      SignatureFound found = read(changed, signer);
      boolean believed = found.getProofs(0).getFault().isEmpty();
      assertThat(!believed || found.getSignedDigest().equals(IMAGE.toString()))
          .as("byte %s", i)
          .isTrue();
    }
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex);
  }

  private static String text(String text) {
    return HexFormat.of().formatHex(NotationSigner.cbor(writer -> writer.writeString(text)));
  }

  private String fault(byte[] envelope) {
    return read(envelope, trust(signer));
  }

  private static String read(byte[] envelope, Trusted trusted) {
    return Notation.read("d", CoseEnvelope.MEDIA_TYPE, envelope, trusted).getProofs(0).getFault();
  }

  private static SignatureFound read(byte[] envelope, NotationSigner trusted) {
    return Notation.read("d", CoseEnvelope.MEDIA_TYPE, envelope, trust(trusted));
  }

  private static Trusted trust(NotationSigner signer) {
    return Trusted.of(List.of(roots(signer)), Optional.empty(), NOW);
  }

  private static Signer roots(NotationSigner signer) {
    return Signer.newBuilder().setNotationRoots(signer.pem()).build();
  }
}
