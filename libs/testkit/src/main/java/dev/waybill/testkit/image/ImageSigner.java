package dev.waybill.testkit.image;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** Signs images as cosign does, with an EC P-256 key of its own. */
public final class ImageSigner {
  private static final String SIMPLE = "application/vnd.dev.cosign.simplesigning.v1+json";
  private static final String DSSE = "application/vnd.dsse.envelope.v1+json";
  private static final String STATEMENT = "application/vnd.in-toto+json";

  private final KeyPair key;

  private ImageSigner(KeyPair key) {
    this.key = key;
  }

  /** Somebody new. */
  public static ImageSigner create() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return new ImageSigner(generator.generateKeyPair());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has EC keys", e);
    }
  }

  /** The key pair, for a client that signs by itself. */
  public KeyPair key() {
    return key;
  }

  /** The public key as policies take it. */
  public String pem() {
    String base64 =
        Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
            .encodeToString(key.getPublic().getEncoded());
    return "-----BEGIN PUBLIC KEY-----\n" + base64 + "\n-----END PUBLIC KEY-----\n";
  }

  /** The tag that cosign keeps documents about a digest under; {@code kind} is sig, att or sbom. */
  public static String tag(Digest about, String kind) {
    return "sha256-" + about.hex() + "." + kind;
  }

  /** The payload of a signature. */
  public static byte[] payload(String reference, Digest image) {
    return bytes(
        """
        {"critical":{"identity":{"docker-reference":"%s"},"image":{"docker-manifest-digest":"%s"},\
        "type":"cosign container image signature"},"optional":null}"""
            .formatted(reference, image));
  }

  /** A signature over a digest, to be pushed under {@link #tag}. */
  public MadeImage signature(String reference, Digest image) {
    byte[] payload = payload(reference, image);
    SortedMap<String, String> annotations = new TreeMap<>();
    annotations.put("dev.cosignproject.cosign/signature", base64(sign(payload)));
    return document(SIMPLE, payload, annotations, null, null);
  }

  /** A signed statement about a digest, to be pushed under {@link #tag}. */
  public MadeImage attestation(String predicateType, String predicate, Digest image) {
    SortedMap<String, String> annotations = new TreeMap<>();
    annotations.put("predicateType", predicateType);
    return document(DSSE, envelope(predicateType, predicate, image), annotations, null, null);
  }

  /** The same statement as an envelope. */
  public byte[] envelope(String predicateType, String predicate, Digest image) {
    byte[] statement =
        bytes(
            """
            {"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"image","digest":{"sha256":"%s"}}],\
            "predicateType":"%s","predicate":%s}"""
                .formatted(image.hex(), predicateType, predicate));
    var signed = new ByteArrayOutputStream();
    signed.writeBytes(
        bytes("DSSEv1 " + STATEMENT.length() + " " + STATEMENT + " " + statement.length + " "));
    signed.writeBytes(statement);
    return bytes(
        """
        {"payloadType":"%s","payload":"%s","signatures":[{"keyid":"","sig":"%s"}]}"""
            .formatted(STATEMENT, base64(statement), base64(sign(signed.toByteArray()))));
  }

  /** Anything about a document, as an OCI 1.1 referrer: pushed under its own digest. */
  public static MadeImage referrer(
      Descriptor subject, String artifactType, String mediaType, byte[] content) {
    return document(mediaType, content, new TreeMap<>(), subject, artifactType);
  }

  private static MadeImage document(
      String mediaType,
      byte[] content,
      SortedMap<String, String> annotations,
      @Nullable Descriptor subject,
      @Nullable String artifactType) {
    byte[] empty = bytes("{}");
    Descriptor config =
        Descriptor.of(artifactType == null ? MediaTypes.OCI_CONFIG : MediaTypes.OCI_EMPTY, empty);
    Descriptor layer =
        new Descriptor(mediaType, Digest.of(content), content.length, annotations, null, null);
    var manifest =
        new Manifest(
            MediaTypes.OCI_MANIFEST,
            artifactType,
            config,
            List.of(layer),
            subject,
            new TreeMap<>());
    byte[] bytes = ImageWriter.write(manifest);
    SortedMap<Digest, byte[]> blobs = new TreeMap<>();
    blobs.put(Digest.of(empty), empty);
    blobs.put(Digest.of(content), content);
    var document = new MadeImage.Document(MediaTypes.OCI_MANIFEST, bytes);
    return new MadeImage(document.descriptor(), List.of(document), blobs, List.of());
  }

  /** A signature over these bytes, DER. */
  public byte[] sign(byte[] content) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key.getPrivate());
      signature.update(content);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("an EC key signs with ECDSA", e);
    }
  }

  private static String base64(byte[] content) {
    return Base64.getEncoder().encodeToString(content);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
