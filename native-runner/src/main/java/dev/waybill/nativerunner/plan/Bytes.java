package dev.waybill.nativerunner.plan;

import dev.waybill.kernel.Digest;
import java.util.Arrays;

/** Bytes that are compared by content and shown by digest. */
public final class Bytes {
  private final byte[] content;

  private Bytes(byte[] content) {
    this.content = content;
  }

  /** Copies, so that nobody can change them afterwards. */
  public static Bytes of(byte[] content) {
    return new Bytes(content.clone());
  }

  /** A copy of the content. */
  public byte[] toArray() {
    return content.clone();
  }

  /** How many there are. */
  public int size() {
    return content.length;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Bytes bytes && Arrays.equals(content, bytes.content);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(content);
  }

  @Override
  public String toString() {
    return content.length + " bytes " + Digest.of(content).abbreviated();
  }
}
