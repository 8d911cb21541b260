package dev.waybill.image.ingest;

import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.registryclient.BandwidthCap;
import java.util.List;
import java.util.Optional;

/**
 * What the policy that admitted an image says of its pull.
 *
 * @param purpose what it is pulled for
 * @param platforms of an index that are fetched; where it names none, the request's own
 * @param cap on the bytes that come for this policy
 */
public record PullTerms(Purpose purpose, PlatformSelection platforms, Optional<BandwidthCap> cap) {
  /** A pull that no policy says anything of. */
  public static final PullTerms USUAL =
      new PullTerms(Purpose.RUN, new PlatformSelection(false, List.of()), Optional.empty());

  /** What an image is pulled for. */
  public enum Purpose {
    /** Somebody waits for it; if it is here, nobody is asked. */
    RUN,
    /**
     * A copy of what the upstream has: its documents and what speaks of them are fetched anew, and
     * the tag is set, even where all of the image is here.
     */
    MIRROR
  }
}
