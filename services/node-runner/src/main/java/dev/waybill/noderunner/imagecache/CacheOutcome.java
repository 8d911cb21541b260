package dev.waybill.noderunner.imagecache;

/** What became of the wish to have an image here. */
public sealed interface CacheOutcome {
  /** It is here. */
  record Cached(CachedImage image) implements CacheOutcome {}

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
