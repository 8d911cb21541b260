package dev.waybill.image.distribution;

import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.distribution.RegistryReply.Body;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Blobs that are read or removed. */
final class BlobEndpoints {
  private final BlobStore store;
  private final LiveCatalog catalog;
  private final Leases leases;
  private final Consumer<Digest> suspects;

  BlobEndpoints(BlobStore store, LiveCatalog catalog, Leases leases, Consumer<Digest> suspects) {
    this.store = store;
    this.catalog = catalog;
    this.leases = leases;
    this.suspects = suspects;
  }

  /**
   * A pusher who hears that a blob is there won't send it: it must stay until its manifest comes.
   * Ranges are for those who get bytes.
   */
  RegistryReply head(String repository, Digest digest) {
    leases.take(digest);
    return read(repository, digest, Optional.empty());
  }

  RegistryReply get(String repository, Digest digest, Incoming request) {
    return read(repository, digest, request.header("Range"));
  }

  private RegistryReply read(String repository, Digest digest, Optional<String> range) {
    Optional<Long> expected = catalog.current().size(repository, digest);
    Optional<StoredBlob> blob = expected.isPresent() ? store.find(digest) : Optional.empty();
    if (blob.isPresent() && blob.get().size() != expected.get()) {
      suspects.accept(digest); // Nobody gets a part of it, or something else, under its name.
      blob = Optional.empty();
    }
    if (blob.isEmpty()) {
      return RegistryReply.error(ErrorCode.BLOB_UNKNOWN, "no blob " + digest + " in " + repository);
    }
    RegistryReply found =
        RegistryReply.of(200)
            .with("Content-Type", "application/octet-stream")
            .with("Docker-Content-Digest", digest.toString())
            .with("ETag", "\"" + digest + "\"")
            .with("Accept-Ranges", "bytes");
    return slice(found, blob.get(), range);
  }

  private RegistryReply slice(RegistryReply found, StoredBlob blob, Optional<String> range) {
    return switch (ByteRange.of(range, blob.size())) {
      case ByteRange.Whole() -> found.with(Body.of(store.content(blob), 0, blob.size()));
      case ByteRange.Part part ->
          new RegistryReply(
                  206, found.headers(), Body.of(store.content(blob), part.first(), part.length()))
              .with(
                  "Content-Range", "bytes " + part.first() + "-" + part.last() + "/" + blob.size());
      case ByteRange.Unsatisfiable() ->
          RegistryReply.error(
                  416, ErrorCode.SIZE_INVALID, "the blob has only " + blob.size() + " bytes")
              .with("Content-Range", "bytes */" + blob.size());
    };
  }

  RegistryReply delete(String repository, Digest digest, Incoming request) throws IOException {
    CatalogDecision decision =
        catalog.change(request.actor(), now -> CatalogDecider.unlinkBlob(now, repository, digest));
    return switch (decision) {
      case CatalogDecision.Refused(var code, var why) -> RegistryReply.error(code, why);
      case CatalogDecision.Accepted _ -> {
        leases.end(List.of(digest));
        yield RegistryReply.of(202);
      }
    };
  }
}
