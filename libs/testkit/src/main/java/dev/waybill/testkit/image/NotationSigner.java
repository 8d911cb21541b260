package dev.waybill.testkit.image;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.List;

/**
 * Signs images as Notation does, in both forms of envelope, with a certificate below a root of its
 * own.
 */
public final class NotationSigner {
  /** An expiry that no test lives to see. */
  public static final Instant FAR = Instant.parse("2099-01-01T00:00:00Z");

  private static final String ARTIFACT_TYPE = "application/vnd.cncf.notary.signature";
  private static final String CONTENT = "application/vnd.cncf.notary.payload.v1+json";
  private static final String SCHEME = "io.cncf.notary.signingScheme";
  private static final String EXPIRY = "io.cncf.notary.expiry";
  private static final String TIME = "io.cncf.notary.signingTime";
  private static final int TAG_DATE = 1;
  private static final int TAG_SIGN1 = 18;
  private static final int LABEL_CHAIN = 33;
  private static final CBORFactory CBOR = new CBORFactory();

  private final NotationAlgorithm algorithm;
  private final KeyPair key;
  private final X509Certificate leaf;
  private final X509Certificate root;

  private NotationSigner(
      NotationAlgorithm algorithm, KeyPair key, X509Certificate leaf, X509Certificate root) {
    this.algorithm = algorithm;
    this.key = key;
    this.leaf = leaf;
    this.root = root;
  }

  /** Somebody new, whose certificates are good for a year. */
  public static NotationSigner create(String subject, NotationAlgorithm algorithm, Instant now) {
    try {
      KeyPair rootKey = NotationAlgorithm.ES256.newKey();
      KeyPair key = algorithm.newKey();
      return new NotationSigner(
          algorithm,
          key,
          TestCertificates.leaf(subject, key.getPublic(), rootKey.getPrivate(), now),
          TestCertificates.root(rootKey, now));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has these keys", e);
    }
  }

  /** The root as policies take it. */
  public String pem() {
    return TestCertificates.pem(root);
  }

  /** What is signed: it names the image. */
  public static byte[] payload(Digest image) {
    return bytes(
        """
        {"targetArtifact":{"mediaType":"application/vnd.oci.image.manifest.v1+json","digest":"%s","size":1}}"""
            .formatted(image));
  }

  /** An envelope in JSON. */
  public byte[] jws(Digest image, Instant expiry) {
    String payload = url(payload(image));
    String header =
        url(
            bytes(
                """
                {"alg":"%s","cty":"%s","crit":["%s","%s"],"%s":"%s","%s":"notary.x509","%s":"2026-11-24T12:00:00Z"}"""
                    .formatted(algorithm, CONTENT, SCHEME, EXPIRY, EXPIRY, expiry, SCHEME, TIME)));
    return bytes(
        """
        {"payload":"%s","protected":"%s","header":{"x5c":["%s","%s"]},"signature":"%s"}"""
            .formatted(
                payload,
                header,
                Base64.getEncoder().encodeToString(encoded(leaf)),
                Base64.getEncoder().encodeToString(encoded(root)),
                url(sign(bytes(header + "." + payload)))));
  }

  /** An envelope in CBOR. */
  public byte[] cose(Digest image, Instant expiry) {
    return cose(header(expiry, SCHEME, EXPIRY), payload(image));
  }

  /** An envelope in CBOR, as a document about the image. */
  public MadeImage signature(Descriptor image) {
    return ImageSigner.referrer(
        image, ARTIFACT_TYPE, "application/cose", cose(image.digest(), FAR));
  }

  /** A protected header that calls these critical, encoded. */
  public byte[] header(Instant expiry, String... critical) {
    return cbor(
        writer -> {
          writer.writeStartObject(null, 6);
          writer.writeFieldId(1);
          writer.writeNumber(algorithm.coseId());
          writer.writeFieldId(2);
          writer.writeStartArray(null, critical.length);
          for (String name : critical) {
            writer.writeString(name);
          }
          writer.writeEndArray();
          writer.writeFieldId(3);
          writer.writeString(CONTENT);
          writer.writeStringField(SCHEME, "notary.x509");
          writer.writeFieldName(TIME);
          time(writer, expiry.minusSeconds(3600));
          writer.writeFieldName(EXPIRY);
          time(writer, expiry);
          writer.writeEndObject();
        });
  }

  private static void time(CBORGenerator writer, Instant time) throws IOException {
    writer.writeTag(TAG_DATE);
    writer.writeNumber(time.getEpochSecond());
  }

  /** A message with any header and payload, signed. */
  public byte[] cose(byte[] header, byte[] payload) {
    byte[] signed =
        cbor(
            writer -> {
              writer.writeStartArray(null, 4);
              writer.writeString("Signature1");
              writer.writeBinary(header);
              writer.writeBinary(new byte[0]);
              writer.writeBinary(payload);
              writer.writeEndArray();
            });
    return message(header, payload, sign(signed));
  }

  /** A message with any header, payload and signature. */
  public byte[] message(byte[] header, byte[] payload, byte[] signature) {
    return cbor(
        writer -> {
          writer.writeTag(TAG_SIGN1);
          writer.writeStartArray(null, 4);
          writer.writeBinary(header);
          writer.writeStartObject(null, 2);
          writer.writeFieldId(LABEL_CHAIN);
          writer.writeStartArray(null, 2);
          for (X509Certificate certificate : List.of(leaf, root)) {
            writer.writeBinary(encoded(certificate));
          }
          writer.writeEndArray();
          writer.writeStringField("io.cncf.notary.signingAgent", "waybill-test/1");
          writer.writeEndObject();
          writer.writeBinary(payload);
          writer.writeBinary(signature);
          writer.writeEndArray();
        });
  }

  /** Something to write. */
  public interface Writing {
    void to(CBORGenerator writer) throws IOException;
  }

  /** What was written. */
  public static byte[] cbor(Writing writing) {
    var content = new ByteArrayOutputStream();
    try (CBORGenerator writer = CBOR.createGenerator(content)) {
      writing.to(writer);
    } catch (IOException e) {
      throw new IllegalStateException("memory can always be written to", e);
    }
    return content.toByteArray();
  }

  private byte[] sign(byte[] content) {
    try {
      Signature signature = algorithm.signature();
      signature.initSign(key.getPrivate());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK can sign so", e);
    }
  }

  private static byte[] encoded(X509Certificate certificate) {
    try {
      return certificate.getEncoded();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a certificate that was made must encode", e);
    }
  }

  private static String url(byte[] content) {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(content);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
