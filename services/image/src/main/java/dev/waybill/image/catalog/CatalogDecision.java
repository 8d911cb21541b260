package dev.waybill.image.catalog;

import dev.waybill.oci.distribution.ErrorCode;
import java.util.List;

/** What becomes of a wish to change the catalog. */
public sealed interface CatalogDecision {
  /** It is done by these changes; none if it was so already. */
  record Accepted(List<CatalogChange> changes) implements CatalogDecision {
    public Accepted {
      changes = List.copyOf(changes);
    }
  }

  /** It isn't done. */
  record Refused(ErrorCode code, String why) implements CatalogDecision {}

  /** Done by these changes. */
  static CatalogDecision accept(CatalogChange... changes) {
    return new Accepted(List.of(changes));
  }
}
