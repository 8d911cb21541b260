package dev.waybill.kernel;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * A content digest, {@code sha256:<64 lower-case hex digits>}.
 *
 * @param algorithm always {@code sha256}: the one algorithm that every OCI registry must support
 * @param hex 64 lower-case hexadecimal digits
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests">image-spec,
 *     digests</a>
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {
  private static final int HEX_LENGTH = 64;

  /**
   * @throws IllegalArgumentException if the algorithm isn't sha256 or the digits aren't a sha256's
   */
  public Digest {
    if (!algorithm.equals("sha256")) {
      throw new IllegalArgumentException(
          "unsupported digest algorithm '" + algorithm + "', use sha256");
    }
    if (hex.length() != HEX_LENGTH || !hex.chars().allMatch(Digest::isLowerHex)) {
      throw new IllegalArgumentException("not 64 lower-case hex digits: '" + hex + "'");
    }
  }

  private static boolean isLowerHex(int c) {
    return c >= '0' && c <= '9' || c >= 'a' && c <= 'f';
  }

  /** Reads {@code algorithm:hex}; the inverse of {@link #toString()}. */
  public static Digest parse(String text) {
    int colon = text.indexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("not a digest, expected sha256:<hex>: '" + text + "'");
    }
    return new Digest(text.substring(0, colon), text.substring(colon + 1));
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] content) {
    return of(sha256().digest(content), "sha256");
  }

  /** The digest of what was fed to {@code hash}, which is reset by this. */
  public static Digest finish(MessageDigest hash) {
    return of(hash.digest(), "sha256");
  }

  /** A fresh SHA-256, for content that arrives in pieces. */
  public static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform must have SHA-256", e);
    }
  }

  private static Digest of(byte[] hash, String algorithm) {
    return new Digest(algorithm, HexFormat.of().formatHex(hash));
  }

  /** The first twelve digits: what people see in listings. */
  public String abbreviated() {
    return hex.substring(0, 12);
  }

  @Override
  public int compareTo(Digest other) {
    return toString().compareTo(other.toString());
  }

  @Override
  public String toString() {
    return algorithm + ":" + hex;
  }
}
