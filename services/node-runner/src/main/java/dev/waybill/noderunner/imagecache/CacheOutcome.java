package dev.waybill.noderunner.imagecache;

import java.time.Duration;
import java.util.Optional;

/** What became of the wish to have an image here. */
public sealed interface CacheOutcome {
  /**
   * It is here.
   *
   * @param fetched what it took, told to the one who waited for it first; absent where it was here
   */
  record Cached(CachedImage image, Optional<Fetched> fetched) implements CacheOutcome {}

  /**
   * What it took to have an image here.
   *
   * @param bytes that came over the network
   * @param layers that were unpacked
   * @param took from the wish to the end
   */
  record Fetched(long bytes, int layers, Duration took) {}

  /**
   * It isn't.
   *
   * @param reason for programs
   * @param message for people, with what to do
   */
  record Failed(Reason reason, String message) implements CacheOutcome {}

  /** Why an image isn't here. */
  enum Reason {
    /** The registry doesn't have it. */
    NOT_FOUND,
    /** The registry doesn't answer, or breaks off again and again. */
    UNREACHABLE,
    /** The bytes aren't what their digest says. */
    DIGEST_MISMATCH,
    /** A document or a layer makes no sense, or is over a limit, or wants to leave its place. */
    REFUSED,
    /** There is no room for it. */
    NO_SPACE
  }
}
