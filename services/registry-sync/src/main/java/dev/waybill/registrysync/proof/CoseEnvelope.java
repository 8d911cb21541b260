package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import dev.waybill.registrysync.proof.Cbor.Bytes;
import dev.waybill.registrysync.proof.Cbor.Fields;
import dev.waybill.registrysync.proof.Cbor.Items;
import dev.waybill.registrysync.proof.Cbor.Tagged;
import dev.waybill.registrysync.proof.Cbor.Text;
import dev.waybill.registrysync.proof.Cbor.Whole;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Notation's signatures in COSE: a message with one signer, whose certificates are in a header that
 * isn't signed.
 *
 * @see <a
 *     href="https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-cose.md">Notary
 *     Project, COSE envelope</a>
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9052#section-4.4">RFC 9052, signing</a>
 */
final class CoseEnvelope {
  static final String MEDIA_TYPE = "application/cose";

  private static final int TAG_SIGN1 = 18;
  private static final int TAG_DATE = 1;
  private static final Cbor ALGORITHM = new Whole(1);
  private static final Cbor CRITICAL = new Whole(2);
  private static final Cbor CONTENT_TYPE = new Whole(3);
  private static final Cbor CHAIN = new Whole(33);
  private static final Map<Cbor, String> ALGORITHMS =
      Map.of(
          new Whole(-7), "ES256",
          new Whole(-35), "ES384",
          new Whole(-36), "ES512",
          new Whole(-37), "PS256",
          new Whole(-38), "PS384",
          new Whole(-39), "PS512");

  /** Critical labels that are read in every envelope; others are told by their names. */
  private static final Set<Cbor> UNDERSTOOD = Set.of(ALGORITHM, CRITICAL, CONTENT_TYPE);

  private static final CBORFactory FACTORY = new CBORFactory();

  private CoseEnvelope() {}

  static NotationEnvelope open(byte[] content) throws MalformedProofException {
    if (!(CborReader.read(content) instanceof Tagged(long tag, Items(var parts)))
        || tag != TAG_SIGN1
        || parts.size() != 4
        || !(parts.get(0) instanceof Bytes(var encodedHeader))
        || !(parts.get(1) instanceof Fields(var unsigned))
        || !(parts.get(2) instanceof Bytes(var payload))
        || !(parts.get(3) instanceof Bytes(var signature))) {
      throw new MalformedProofException("it is no COSE message with one signer and a payload");
    }
    if (!(CborReader.read(encodedHeader) instanceof Fields(var header))) {
      throw new MalformedProofException("its protected header is no map");
    }
    if (!Collections.disjoint(header.keySet(), unsigned.keySet())) {
      throw new MalformedProofException("a header is both protected and not");
    }
    return new NotationEnvelope(
        payload,
        text(header, CONTENT_TYPE),
        critical(header),
        text(header, new Text(NotationEnvelope.SCHEME)),
        expiry(header),
        algorithm(header),
        chain(unsigned.get(CHAIN)),
        signed(encodedHeader, payload),
        signature);
  }

  /** The header goes in as it came: what is encoded anew may differ. */
  private static byte[] signed(byte[] header, byte[] payload) {
    var structure = new ByteArrayOutputStream();
    try (var writer = FACTORY.createGenerator(structure)) {
      writer.writeStartArray(null, 4);
      writer.writeString("Signature1");
      writer.writeBinary(header);
      writer.writeBinary(new byte[0]);
      writer.writeBinary(payload);
      writer.writeEndArray();
    } catch (IOException e) {
      throw new IllegalStateException("memory can always be written to", e);
    }
    return structure.toByteArray();
  }

  private static String text(Map<Cbor, Cbor> header, Cbor label) {
    return header.get(label) instanceof Text(var text) ? text : "";
  }

  private static String algorithm(Map<Cbor, Cbor> header) throws MalformedProofException {
    Cbor said = header.get(ALGORITHM);
    String algorithm = said == null ? null : ALGORITHMS.get(said);
    if (algorithm == null) {
      throw new MalformedProofException(
          "its algorithm "
              + (said instanceof Whole(var id) ? id : "")
              + " isn't one of Notation's");
    }
    return algorithm;
  }

  private static Set<String> critical(Map<Cbor, Cbor> header) throws MalformedProofException {
    Set<String> critical = new HashSet<>();
    Cbor said = header.get(CRITICAL);
    if (said == null) {
      return critical;
    }
    if (!(said instanceof Items(var labels)) || labels.isEmpty()) {
      throw new MalformedProofException("its critical headers are no list");
    }
    for (Cbor label : labels) {
      if (!header.containsKey(label)) {
        throw new MalformedProofException("a critical header isn't there");
      }
      if (!UNDERSTOOD.contains(label)) {
        critical.add(name(label));
      }
    }
    return critical;
  }

  private static String name(Cbor label) {
    return switch (label) {
      case Text(var text) -> text;
      case Whole(var number) -> "label " + number;
      default -> "a label";
    };
  }

  private static Optional<Instant> expiry(Map<Cbor, Cbor> header) throws MalformedProofException {
    Cbor said = header.get(new Text(NotationEnvelope.EXPIRY));
    if (said == null) {
      return Optional.empty();
    }
    if (!(said instanceof Tagged(long tag, Whole(long seconds))) || tag != TAG_DATE) {
      throw new MalformedProofException("its expiry is no time");
    }
    try {
      return Optional.of(Instant.ofEpochSecond(seconds));
    } catch (DateTimeException e) {
      throw new MalformedProofException("its expiry is no time", e);
    }
  }

  /** A chain of one may stand for itself. */
  private static List<byte[]> chain(@Nullable Cbor said) throws MalformedProofException {
    return switch (said) {
      case Bytes(var one) -> List.of(one);
      case Items(var all) when all.stream().allMatch(Bytes.class::isInstance) ->
          all.stream().map(Bytes.class::cast).map(Bytes::value).toList();
      case null, default -> throw new MalformedProofException("it comes without certificates");
    };
  }
}
