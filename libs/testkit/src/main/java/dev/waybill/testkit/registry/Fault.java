package dev.waybill.testkit.registry;

import dev.waybill.kernel.Digest;
import java.time.Duration;

/** Something that goes wrong at a registry. */
public sealed interface Fault {

  /** Other bytes of the same length under this digest. */
  record WrongContent(Digest digest) implements Fault {}

  /** More bytes than the blob has, and a {@code Content-Length} that counts them. */
  record Longer(Digest digest, int extraBytes) implements Fault {}

  /** Fewer bytes than the blob has, and a {@code Content-Length} that agrees with them. */
  record Shorter(Digest digest, int missingBytes) implements Fault {}

  /**
   * A document whose {@code Content-Length} promises more than comes before the connection ends.
   *
   * @param times how often, after that it goes well
   */
  record BrokenManifest(Digest digest, int times) implements Fault {}

  /**
   * The connection ends early.
   *
   * @param digest of the blob
   * @param afterBytes bytes of the answer that still arrive
   * @param times how often, after that it goes well
   */
  record Truncated(Digest digest, long afterBytes, int times) implements Fault {}

  /**
   * The connection stays open and silent until the registry is closed.
   *
   * @param digest of the blob
   * @param afterBytes bytes of the answer that still arrive
   * @param times how often, after that it goes well
   */
  record Stalled(Digest digest, long afterBytes, int times) implements Fault {}

  /** Nothing without this user and password. */
  record BasicRequired(String user, String password) implements Fault {}

  /** Nothing without a token, which its token service gives only to this user. */
  record TokenRequired(String user, String password) implements Fault {}

  /** Nothing without a token, which its token service gives to anyone. */
  record AnonymousTokenRequired() implements Fault {}

  /**
   * A refusal of every request that isn't for a token.
   *
   * @param status 429 or 503
   * @param retryAfter as the header says, zero sends no header
   * @param times how often, after that it goes well
   */
  record Busy(int status, Duration retryAfter, int times) implements Fault {}

  /** A {@code Range} header is ignored and the whole is sent. */
  record WithoutRanges() implements Fault {}

  /** Blobs are elsewhere: {@code prefix} followed by the path. */
  record Redirecting(String prefix) implements Fault {}

  /** A manifest of this many bytes, whatever was asked for. */
  record OversizeManifest(int bytes) implements Fault {}
}
