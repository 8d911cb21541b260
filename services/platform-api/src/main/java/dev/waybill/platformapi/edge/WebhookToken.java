package dev.waybill.platformapi.edge;

import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.HexFormat;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What an upstream proves itself with when it tells of a push. It derives from the administrator's
 * token and the policy's name, so that nothing is kept, each policy has its own, and no upstream
 * gets to hold a token that opens more than that.
 */
final class WebhookToken {
  private static final String ALGORITHM = "HmacSHA256";

  private final byte[] secret;

  WebhookToken(String adminToken) {
    this.secret = adminToken.getBytes(StandardCharsets.UTF_8);
  }

  String of(String policy) {
    try {
      Mac mac = Mac.getInstance(ALGORITHM);
      mac.init(new SecretKeySpec(secret, ALGORITHM));
      return HexFormat.of()
          .formatHex(mac.doFinal(("webhook/" + policy).getBytes(StandardCharsets.UTF_8)));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java has " + ALGORITHM, e);
    }
  }

  /** Compared in constant time, so that answers don't tell how much of a guess was right. */
  boolean admits(String policy, String given) {
    return MessageDigest.isEqual(
        of(policy).getBytes(StandardCharsets.UTF_8), given.getBytes(StandardCharsets.UTF_8));
  }
}
