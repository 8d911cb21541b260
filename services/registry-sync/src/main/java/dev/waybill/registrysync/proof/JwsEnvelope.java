package dev.waybill.registrysync.proof;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Notation's signatures as JSON web signatures.
 *
 * @see <a
 *     href="https://github.com/notaryproject/specifications/blob/main/specs/signature-envelope-jws.md">Notary
 *     Project, JWS envelope</a>
 */
final class JwsEnvelope {
  static final String MEDIA_TYPE = "application/jose+json";

  private JwsEnvelope() {}

  static NotationEnvelope open(byte[] content) throws MalformedProofException {
    JsonNode envelope = Json.read(content);
    String payload = envelope.path("payload").asText();
    String encodedHeader = envelope.path("protected").asText();
    JsonNode header = Json.read(Json.base64url(encodedHeader));
    return new NotationEnvelope(
        Json.base64url(payload),
        header.path("cty").asText(),
        critical(header),
        header.path(NotationEnvelope.SCHEME).asText(),
        expiry(header),
        header.path("alg").asText(),
        chain(envelope),
        (encodedHeader + "." + payload).getBytes(StandardCharsets.US_ASCII),
        Json.base64url(envelope.path("signature").asText()));
  }

  private static Set<String> critical(JsonNode header) {
    Set<String> critical = new HashSet<>();
    header.path("crit").forEach(name -> critical.add(name.asText()));
    return critical;
  }

  private static Optional<Instant> expiry(JsonNode header) throws MalformedProofException {
    String text = header.path(NotationEnvelope.EXPIRY).asText();
    if (text.isEmpty()) {
      return Optional.empty();
    }
    try {
      return Optional.of(OffsetDateTime.parse(text).toInstant());
    } catch (DateTimeParseException e) {
      throw new MalformedProofException("its expiry '" + text + "' is no time", e);
    }
  }

  private static List<byte[]> chain(JsonNode envelope) throws MalformedProofException {
    List<byte[]> chain = new ArrayList<>();
    for (JsonNode encoded : envelope.path("header").path("x5c")) {
      chain.add(Json.base64(encoded.asText()));
    }
    return chain;
  }
}
