package dev.waybill.image.scrub;

import dev.waybill.image.scrub.Damage.Source;
import java.io.IOException;
import java.util.Optional;

/** Fetches content again that was stored once. */
public interface Refetch {
  /** Why it can't be had; nothing once it is stored. */
  Optional<String> fetch(Source source) throws IOException, InterruptedException;
}
