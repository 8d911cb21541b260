package dev.waybill.kernel;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * A content digest, {@code sha256:<64 lower-case hex digits>} or {@code sha512:<128 of them>}. What
 * we name ourselves is named by SHA-256; the other is for content that somebody else named so.
 *
 * @param algorithm {@code sha256} or {@code sha512}: those that OCI registers
 * @param hex lower-case hexadecimal digits, as many as the algorithm makes
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/descriptor.md#digests">image-spec,
 *     digests</a>
 */
public record Digest(String algorithm, String hex) implements Comparable<Digest> {

  private enum Algorithm {
    SHA256("sha256", "SHA-256", 64),
    SHA512("sha512", "SHA-512", 128);

    private final String name;
    private final String javaName;
    private final int hexLength;

    Algorithm(String name, String javaName, int hexLength) {
      this.name = name;
      this.javaName = javaName;
      this.hexLength = hexLength;
    }

    private static Algorithm named(String name) {
      return Arrays.stream(values())
          .filter(known -> known.name.equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "unsupported digest algorithm '" + name + "', use sha256"));
    }

    private MessageDigest hash() {
      try {
        return MessageDigest.getInstance(javaName);
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException("every JDK has " + javaName, e);
      }
    }
  }

  /**
   * @throws IllegalArgumentException if the algorithm is another or the digits aren't its own
   */
  public Digest {
    int length = Algorithm.named(algorithm).hexLength;
    if (hex.length() != length || !hex.chars().allMatch(Digest::isLowerHex)) {
      throw new IllegalArgumentException("not " + length + " lower-case hex digits: '" + hex + "'");
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

  /** The digest with these digits: each algorithm makes another number of them. */
  public static Digest ofHex(String hex) {
    return Arrays.stream(Algorithm.values())
        .filter(known -> known.hexLength == hex.length())
        .findFirst()
        .map(known -> new Digest(known.name, hex))
        .orElseThrow(() -> new IllegalArgumentException("not a digest's digits: '" + hex + "'"));
  }

  /** The digest of these bytes. */
  public static Digest of(byte[] content) {
    return finish(sha256(), content);
  }

  /** The digest of other bytes by this one's algorithm: it is this one if they are the same. */
  public Digest likewise(byte[] content) {
    return finish(hash(), content);
  }

  /**
   * The digest of what somebody has under a name, a tag or a digest: by the algorithm of the
   * digest, so that it is this very digest if the content is what the name says.
   */
  public static Digest ofNamed(String name, byte[] content) {
    return name.indexOf(':') < 0 ? of(content) : parse(name).likewise(content);
  }

  private static Digest finish(MessageDigest hash, byte[] content) {
    hash.update(content);
    return finish(hash);
  }

  /** The digest of what was fed to {@code hash}, which is reset by this. */
  public static Digest finish(MessageDigest hash) {
    return ofHex(HexFormat.of().formatHex(hash.digest()));
  }

  /** A fresh SHA-256, for content that arrives in pieces. */
  public static MessageDigest sha256() {
    return Algorithm.SHA256.hash();
  }

  /** A fresh hash by this digest's algorithm, for content that arrives in pieces. */
  public MessageDigest hash() {
    return Algorithm.named(algorithm).hash();
  }

  /** Whether it is of the algorithm that everybody has. */
  public boolean isSha256() {
    return algorithm.equals(Algorithm.SHA256.name);
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
