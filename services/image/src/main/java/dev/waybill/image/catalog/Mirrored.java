package dev.waybill.image.catalog;

import java.util.List;
import java.util.Optional;

/**
 * What was fetched whole from elsewhere under one name.
 *
 * @param tag that shall name the last of the documents
 * @param documents what is named before what names it
 */
public record Mirrored(Optional<String> tag, List<ManifestEntry> documents) {
  public Mirrored {
    documents = List.copyOf(documents);
  }
}
