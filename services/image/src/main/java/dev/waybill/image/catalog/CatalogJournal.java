package dev.waybill.image.catalog;

import java.io.IOException;
import java.util.List;

/** Where the catalog outlives the process. */
public interface CatalogJournal {
  /** What was kept, and what of it could not be understood. */
  Kept load() throws IOException;

  /** Keeps these changes: when this returns, they survive a loss of power. */
  void append(List<CatalogChange> changes) throws IOException;

  /**
   * A catalog that was kept.
   *
   * @param faults a sentence for each entry that was left out
   */
  record Kept(Catalog catalog, List<String> faults) {}
}
