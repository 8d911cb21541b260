package dev.waybill.image.ingest;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.MirrorName;
import dev.waybill.image.catalog.Repository;
import dev.waybill.image.pieces.HeldLayer;
import dev.waybill.image.pieces.MalformedTableException;
import dev.waybill.image.pieces.PieceLimits;
import dev.waybill.image.pieces.PieceTable;
import dev.waybill.image.pieces.TableClaim;
import dev.waybill.image.store.BlobStore;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The layers that are here and have a table of contents. Which ones there are is what the catalog
 * says, and the store; so there is no index to be kept, and none to be wrong after a collection or
 * a restart. A table is read when a layer like it is about to be fetched; some are remembered.
 */
final class HeldLayers {
  private static final PieceTable USELESS = PieceTable.EMPTY;

  private final BlobStore store;
  private final LiveCatalog catalog;
  private final PieceLimits limits;

  /** The one that was asked for last comes last. */
  private final Map<Digest, PieceTable> tables = new LinkedHashMap<>(16, 0.75f, true);

  HeldLayers(BlobStore store, LiveCatalog catalog, PieceLimits limits) {
    this.store = store;
    this.catalog = catalog;
    this.limits = limits;
  }

  PieceLimits limits() {
    return limits;
  }

  /**
   * Layers in which there may be pieces of this one; those of its own repository first, and of each
   * group the ones of about its size. Only layers that came from the same registry: from what is
   * not fetched it can tell what is here, and must learn nothing that it didn't send.
   */
  List<HeldLayer> like(Descriptor layer, TableClaim claim, String repository) {
    Catalog now = catalog.current();
    String registry = MirrorName.registryPrefix(repository);
    Stream<Descriptor> own = like(layer, claim, now.repository(repository).stream());
    Stream<Descriptor> others =
        like(
            layer,
            claim,
            now.repositories().entrySet().stream()
                .filter(entry -> !entry.getKey().equals(repository))
                .filter(entry -> entry.getKey().startsWith(registry))
                .map(Map.Entry::getValue));
    List<Descriptor> similar =
        Stream.concat(own, others).distinct().limit(limits.heldLayersMax()).toList();
    List<HeldLayer> held = new ArrayList<>();
    for (Descriptor other : similar) {
      table(other)
          .filter(table -> table != USELESS)
          .ifPresent(table -> held.add(new HeldLayer(other.digest(), table)));
    }
    return held;
  }

  private Stream<Descriptor> like(
      Descriptor layer, TableClaim claim, Stream<Repository> repositories) {
    return repositories
        .flatMap(repository -> repository.manifests().values().stream())
        .filter(entry -> !entry.isIndex())
        .flatMap(entry -> entry.children().stream())
        .filter(other -> TableClaim.of(other).filter(claim::isLike).isPresent())
        .filter(other -> !other.digest().equals(layer.digest()))
        .filter(other -> store.find(other.digest()).isPresent())
        .sorted(Comparator.comparingLong(other -> Math.abs(other.size() - layer.size())));
  }

  /** What the table of a stored layer says; nothing if it can't be read now. */
  private Optional<PieceTable> table(Descriptor layer) {
    @Nullable PieceTable known = remembered(layer.digest());
    if (known != null) {
      return Optional.of(known);
    }
    PieceTable read;
    try {
      read = read(layer, TableClaim.of(layer).orElseThrow());
    } catch (IOException goneOrAway) {
      return Optional.empty();
    } catch (MalformedTableException e) {
      read = USELESS; // It was fetched as a whole, and is looked at once.
    }
    remember(layer.digest(), read);
    return Optional.of(read);
  }

  private PieceTable read(Descriptor layer, TableClaim claim)
      throws IOException, MalformedTableException {
    try (HeldBytes bytes = new HeldBytes(store)) {
      long size = layer.size();
      byte[] footer = part(bytes, layer, size - claim.footerBytes(), claim.footerBytes());
      long start = claim.tailStart(footer, size);
      if (size - start > limits.tailBytesMax()) {
        return USELESS;
      }
      byte[] tail = part(bytes, layer, start, (int) (size - start));
      return claim.read(tail, start, limits);
    }
  }

  private static byte[] part(HeldBytes bytes, Descriptor layer, long offset, int count)
      throws IOException {
    byte[] part = new byte[count];
    if (count > 0) {
      bytes.seek(layer.digest(), offset);
      bytes.read(part, count);
    }
    return part;
  }

  private synchronized @Nullable PieceTable remembered(Digest layer) {
    return tables.get(layer);
  }

  private synchronized void remember(Digest layer, PieceTable table) {
    tables.put(layer, table);
    int pieces = tables.values().stream().mapToInt(PieceTable::size).sum();
    for (Iterator<PieceTable> oldest = tables.values().iterator();
        pieces > limits.heldPiecesMax() && oldest.hasNext(); ) {
      pieces -= oldest.next().size();
      oldest.remove();
    }
  }
}
