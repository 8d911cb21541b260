package dev.waybill.image.scrub;

import dev.waybill.image.scrub.Damage.Source;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.util.Optional;

/** Hears what scrubbing finds. */
public interface ScrubReport {
  /**
   * Content was found damaged. What is reported must survive a crash before {@code setAside} runs.
   *
   * @param actual digest of the bytes; absent where they can't be read
   * @param size of what there is
   * @param setAside takes it out of the store; to be run
   */
  void corrupted(Damage damage, Optional<Digest> actual, long size, SetAside setAside)
      throws IOException;

  /** Takes damaged content out of the store. */
  interface SetAside {
    void run() throws IOException;
  }

  /** Content is here again. */
  void restored(Source source) throws IOException;

  /** Content could not be fetched again from there. */
  void notRestored(Source source, String why);
}
