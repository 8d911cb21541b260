package dev.waybill.image.ingest;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import java.util.List;

/** What became of a pull. */
public sealed interface PullOutcome {

  /**
   * The image is here.
   *
   * @param reference that was asked for
   * @param repository of our own registry that has it
   * @param digest that the reference means: of an index where there is one
   * @param manifest of the platform
   * @param platform of the manifest
   * @param config of the platform
   * @param layers of the platform
   * @param bytes of configurations and layers as they are stored
   * @param platforms that were asked for and are here; none where one was
   * @param bytesFetched that came over the network now
   * @param bytesReused that were taken from layers that were here, because fetching them was not
   *     needed
   */
  record Pulled(
      Reference reference,
      String repository,
      Digest digest,
      Digest manifest,
      Platform platform,
      Digest config,
      int layers,
      long bytes,
      List<String> platforms,
      long bytesFetched,
      long bytesReused)
      implements PullOutcome {
    public Pulled {
      platforms = List.copyOf(platforms);
    }
  }

  /**
   * It isn't.
   *
   * @param reason for programs
   * @param message for people, with what to do
   */
  record Failed(Reason reason, String message) implements PullOutcome {}

  /** Why a pull failed. */
  enum Reason {
    /** There is no such image, or none for us without a log-in. */
    NOT_FOUND,
    /** The registry wants another log-in, or none will do. */
    UNAUTHORIZED,
    /** The registry doesn't answer, or breaks off again and again. */
    UNREACHABLE,
    /** The registry said to come back later, more often than we do. */
    BUSY,
    /** The bytes aren't what their name or their index says. */
    DIGEST_MISMATCH,
    /** A document makes no sense or is over a limit. */
    MALFORMED,
    /** The image isn't for the platform. */
    NO_PLATFORM,
    /** The registry sent us where we don't go. */
    REDIRECT_REFUSED,
    /** There is no room for it. */
    STORE_FULL
  }
}
