package dev.waybill.image.distribution;

import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoreFullException;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.ImageLimits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** The registry: takes calls to the endpoints they are for. */
public final class Registry {
  private final BlobEndpoints blobs;
  private final UploadEndpoints uploads;
  private final ManifestEndpoints manifests;
  private final ListingEndpoints listings;

  /**
   * @param suspects hears of stored content that has another size than it should
   */
  public Registry(
      BlobStore store,
      LiveCatalog catalog,
      Leases leases,
      Uploads uploads,
      RegistryLimits limits,
      ImageLimits imageLimits,
      Consumer<Digest> suspects) {
    this.blobs = new BlobEndpoints(store, catalog, leases, suspects);
    this.uploads = new UploadEndpoints(catalog, leases, uploads, limits);
    this.manifests =
        new ManifestEndpoints(store, catalog, leases, imageLimits, limits.quotas(), suspects);
    this.listings = new ListingEndpoints(catalog, limits);
  }

  /**
   * Does what the call asks for; blocks while it reads the body and waits for the disk.
   *
   * @throws dev.waybill.image.store.StoreFailedException if the store is out of reach
   * @throws IOException if the client went away or the disk failed
   */
  public RegistryReply handle(RegistryCall call, Incoming request) throws IOException {
    try {
      return dispatch(call, request);
    } catch (StoreFullException e) {
      return RegistryReply.error(
          507, ErrorCode.BLOB_UPLOAD_INVALID, String.valueOf(e.getMessage()));
    }
  }

  private RegistryReply dispatch(RegistryCall call, Incoming request) throws IOException {
    return switch (call) {
      case RegistryCall.Base() -> RegistryReply.json(200, "{}".getBytes(StandardCharsets.US_ASCII));
      case RegistryCall.HeadBlob(var name, var digest) -> blobs.head(name, digest);
      case RegistryCall.GetBlob(var name, var digest) -> blobs.get(name, digest, request);
      case RegistryCall.DeleteBlob(var name, var digest) -> blobs.delete(name, digest, request);
      case RegistryCall.StartUpload(var name) -> uploads.start(name, request);
      case RegistryCall.UploadStatus(var name, var id) -> uploads.status(name, id);
      case RegistryCall.AppendUpload(var name, var id) -> uploads.append(name, id, request);
      case RegistryCall.FinishUpload(var name, var id) -> uploads.finish(name, id, request);
      case RegistryCall.CancelUpload(var name, var id) -> uploads.cancel(name, id);
      case RegistryCall.GetManifest(var name, var key) -> manifests.get(name, key);
      case RegistryCall.PutManifest(var name, var key) -> manifests.put(name, key, request);
      case RegistryCall.DeleteManifest(var name, var key) -> manifests.delete(name, key, request);
      case RegistryCall.ListTags(var name) -> listings.tags(name, request);
      case RegistryCall.ListReferrers(var name, var subject) ->
          listings.referrers(name, subject, request);
      case RegistryCall.ListRepositories() -> listings.repositories(request);
      case RegistryCall.Unknown(var reply) -> reply;
    };
  }
}
