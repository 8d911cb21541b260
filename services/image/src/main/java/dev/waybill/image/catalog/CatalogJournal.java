package dev.waybill.image.catalog;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.time.Instant;
import java.util.List;

/** Where the catalog outlives the process. */
public interface CatalogJournal {
  /** What was kept, and what of it could not be understood. */
  Kept load() throws IOException;

  /** When a repository got this manifest; {@link Instant#MAX} if it has none. */
  Instant since(String repository, Digest manifest);

  /** Keeps these changes: when this returns, they survive a loss of power. */
  void append(List<CatalogChange> changes) throws IOException;

  /**
   * A catalog that was kept.
   *
   * @param faults a sentence for each entry that was left out
   */
  record Kept(Catalog catalog, List<String> faults) {}
}
