package dev.waybill.image.edge;

import dev.waybill.contracts.image.BlobCorrupted;
import dev.waybill.contracts.image.BlobRestored;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.scrub.Damage;
import dev.waybill.image.scrub.Damage.Source;
import dev.waybill.image.scrub.ScrubReport;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Puts on the log what scrubbing found. */
final class ScrubEvents implements ScrubReport {
  private static final Logger LOG = Logger.getLogger(ScrubEvents.class);

  private final CatalogEvents events;
  private final LiveCatalog catalog;

  ScrubEvents(CatalogEvents events, LiveCatalog catalog) {
    this.events = events;
    this.catalog = catalog;
  }

  @Override
  public void corrupted(Damage damage, Optional<Digest> actual, long size, SetAside setAside)
      throws IOException {
    LOG.errorf("stored blob is damaged and set aside digest=%s", damage.digest());
    BlobCorrupted fact =
        BlobCorrupted.newBuilder()
            .setDigest(damage.digest().toString())
            .setActualDigest(actual.map(Digest::toString).orElse(""))
            .setSizeBytes(size)
            .addAllRepositories(damage.repositories())
            .addAllUpstreams(
                damage.sources().stream().map(source -> source.manifest().toString()).toList())
            .build();
    events.tell(fact, setAside::run);
  }

  @Override
  public void restored(Source source) throws IOException {
    BlobRestored fact =
        BlobRestored.newBuilder()
            .setDigest(source.content().digest().toString())
            .setReference(source.manifest().toString())
            .setSizeBytes(source.content().size())
            .build();
    catalog.holding(
        _ -> {
          events.tell(
              fact, () -> LOG.infof("damaged blob is here again digest=%s", fact.getDigest()));
          return fact;
        });
  }

  @Override
  public void notRestored(Source source, String why) {
    LOG.warnf(
        "damaged blob could not be fetched again, pull the image again digest=%s from=%s: %s",
        source.content().digest(), source.manifest(), why);
  }
}
