package dev.waybill.noderunner.layer;

import dev.waybill.kernel.Digest;

/** What became of a layer. */
public sealed interface UnpackOutcome {

  /**
   * It is unpacked.
   *
   * @param diffId digest of the archive as it was unpacked
   * @param entries files of all kinds
   * @param bytes of the archive
   */
  record Unpacked(Digest diffId, long entries, long bytes) implements UnpackOutcome {}

  /** It isn't; what the directory holds is of no use. */
  record Refused(Reason reason, String message) implements UnpackOutcome {}

  /** Why a layer is refused. */
  enum Reason {
    /** It isn't an archive, or one that contradicts itself. */
    MALFORMED,
    /** An entry would be outside the layer. */
    ESCAPE,
    /** It is larger than a layer may be. */
    OVER_LIMIT,
    /** There is no room for it. */
    NO_SPACE,
    /** The host doesn't let us make such a file. */
    NOT_PERMITTED
  }
}
