package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.contracts.registry.AttestationFound;
import dev.waybill.contracts.registry.Proof;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;

/**
 * A statement in a DSSE envelope.
 *
 * @param payloadType what the payload is
 * @param payload that was signed
 * @param signatures over payload and type
 * @see <a href="https://github.com/secure-systems-lab/dsse/blob/master/protocol.md">DSSE</a>
 * @see <a href="https://github.com/in-toto/attestation/tree/main/spec/v1">in-toto statements</a>
 */
public record Dsse(String payloadType, byte[] payload, List<byte[]> signatures) {
  /** Media type of an envelope. */
  public static final String MEDIA_TYPE = "application/vnd.dsse.envelope.v1+json";

  private static final String STATEMENT = "application/vnd.in-toto+json";

  /** Reads an envelope. */
  public static Dsse read(byte[] content) throws MalformedProofException {
    return read(Json.read(content));
  }

  static Dsse read(JsonNode envelope) throws MalformedProofException {
    var signatures = new ArrayList<byte[]>();
    for (JsonNode signature : envelope.path("signatures")) {
      signatures.add(Json.base64(signature.path("sig").asText()));
    }
    return new Dsse(
        envelope.path("payloadType").asText(),
        Json.base64(envelope.path("payload").asText()),
        signatures);
  }

  /** The bytes that its signatures are over: DSSE's pre-authentication encoding. */
  byte[] signed() {
    byte[] type = payloadType.getBytes(StandardCharsets.UTF_8);
    var out = new ByteArrayOutputStream();
    out.writeBytes(
        ("DSSEv1 " + type.length + " " + payloadType + " " + payload.length + " ")
            .getBytes(StandardCharsets.UTF_8));
    out.writeBytes(payload);
    return out.toByteArray();
  }

  /** By whom it is signed with a key; one fault if by nobody trusted. */
  List<Proof> byKey(Trusted trusted) {
    List<Proof> all = signatures.stream().map(s -> trusted.byKey(signed(), s)).toList();
    List<Proof> good = all.stream().filter(proof -> proof.getFault().isEmpty()).toList();
    if (!good.isEmpty()) {
      return good;
    }
    return all.isEmpty()
        ? List.of(Trusted.fault("key", "its envelope has no signature"))
        : List.of(all.getFirst());
  }

  /**
   * The statement as evidence about an image.
   *
   * @param isSubject whether a digest is the image's
   * @param proofs by whom it is
   */
  AttestationFound statement(String document, Predicate<String> isSubject, List<Proof> proofs)
      throws MalformedProofException {
    if (!payloadType.equals(STATEMENT)) {
      throw new MalformedProofException("its payload is '" + payloadType + "', not a statement");
    }
    JsonNode statement = Json.read(payload);
    if (subjects(statement).stream().noneMatch(isSubject)) {
      throw new MalformedProofException("its statement speaks of another image");
    }
    return AttestationFound.newBuilder()
        .setDocument(document)
        .setPredicateType(statement.path("predicateType").asText())
        .setBuilder(builder(statement.path("predicate")))
        .addAllProofs(proofs)
        .build();
  }

  static TreeSet<String> subjects(JsonNode statement) {
    var subjects = new TreeSet<String>();
    statement
        .path("subject")
        .forEach(s -> subjects.add("sha256:" + s.path("digest").path("sha256").asText()));
    return subjects;
  }

  /** SLSA 1 keeps the builder in its run details, older versions beside the materials. */
  private static String builder(JsonNode predicate) {
    String newer = predicate.path("runDetails").path("builder").path("id").asText();
    return newer.isEmpty() ? predicate.path("builder").path("id").asText() : newer;
  }

  /** What one layer of an attestation document proves. */
  public static AttestationFound attestation(
      String document, byte[] content, Predicate<String> isSubject, Trusted trusted)
      throws MalformedProofException {
    Dsse envelope = read(content);
    return envelope.statement(document, isSubject, envelope.byKey(trusted));
  }
}
