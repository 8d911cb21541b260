package dev.waybill.image.distribution;

import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.distribution.RegistryReply.Body;
import dev.waybill.image.quota.Quotas;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** Manifests and indexes. */
final class ManifestEndpoints {
  private final BlobStore store;
  private final LiveCatalog catalog;
  private final Leases leases;
  private final ImageLimits limits;
  private final Quotas quotas;
  private final Consumer<Digest> suspects;

  ManifestEndpoints(
      BlobStore store,
      LiveCatalog catalog,
      Leases leases,
      ImageLimits limits,
      Quotas quotas,
      Consumer<Digest> suspects) {
    this.store = store;
    this.catalog = catalog;
    this.leases = leases;
    this.limits = limits;
    this.quotas = quotas;
    this.suspects = suspects;
  }

  RegistryReply get(String repository, ManifestKey key) {
    if (catalog.current().repository(repository).isEmpty()) {
      return RegistryReply.error(ErrorCode.NAME_UNKNOWN, "no repository " + repository);
    }
    Optional<ManifestEntry> entry = catalog.current().manifest(repository, key);
    Optional<StoredBlob> blob = entry.flatMap(this::whole);
    if (entry.isEmpty() || blob.isEmpty()) {
      return RegistryReply.error(
          ErrorCode.MANIFEST_UNKNOWN, "no manifest " + name(key) + " in " + repository);
    }
    return RegistryReply.of(200)
        .with("Content-Type", entry.get().mediaType())
        .with("Docker-Content-Digest", entry.get().digest().toString())
        .with("ETag", "\"" + entry.get().digest() + "\"")
        .with(Body.of(store.content(blob.get()), 0, blob.get().size()));
  }

  private Optional<StoredBlob> whole(ManifestEntry entry) {
    Optional<StoredBlob> blob = store.find(entry.digest());
    if (blob.filter(found -> found.size() != entry.size()).isPresent()) {
      suspects.accept(entry.digest());
      return Optional.empty();
    }
    return blob;
  }

  private static String name(ManifestKey key) {
    return switch (key) {
      case ManifestKey.ByDigest(var digest) -> digest.toString();
      case ManifestKey.ByTag(var tag) -> tag;
    };
  }

  RegistryReply put(String repository, ManifestKey key, Incoming request) throws IOException {
    Optional<byte[]> received = receive(request);
    if (received.isEmpty()) {
      return RegistryReply.error(
          413,
          ErrorCode.MANIFEST_INVALID,
          "a manifest may have " + limits.documentBytesMax() + " bytes");
    }
    byte[] content = received.get();
    ImageDocument document;
    try {
      document = ImageDocuments.read(content, request.header("Content-Type").orElse(null), limits);
    } catch (MalformedImageException e) {
      return RegistryReply.error(ErrorCode.MANIFEST_INVALID, String.valueOf(e.getMessage()));
    }
    ManifestEntry entry = ManifestEntry.of(document, content, digest(key, content));
    Optional<CatalogDecision.Refused> over =
        quotas.refusal(catalog.current(), repository, key, entry);
    if (over.isPresent()) {
      return RegistryReply.overQuota(over.get());
    }
    leases.take(entry.digest());
    store.store(entry.digest(), content);
    CatalogDecision decision =
        catalog.change(
            request.actor(),
            now ->
                quotas
                    .refusal(now, repository, key, entry)
                    .<CatalogDecision>map(refused -> refused)
                    .orElseGet(() -> CatalogDecider.putManifest(now, repository, key, entry)));
    leases.end(List.of(entry.digest()));
    return switch (decision) {
      case CatalogDecision.Refused refused when refused.code() == ErrorCode.DENIED ->
          RegistryReply.overQuota(refused);
      case CatalogDecision.Refused(var code, var why) -> RegistryReply.error(code, why);
      case CatalogDecision.Accepted _ -> {
        leases.end(entry.children().stream().map(Descriptor::digest).toList());
        yield created(repository, entry);
      }
    };
  }

  /** By the algorithm that the client names it with, or else by the one that everybody has. */
  private static Digest digest(ManifestKey key, byte[] content) {
    return switch (key) {
      case ManifestKey.ByDigest(var named) -> named.likewise(content);
      case ManifestKey.ByTag _ -> Digest.of(content);
    };
  }

  private static RegistryReply created(String repository, ManifestEntry entry) {
    RegistryReply created =
        RegistryReply.of(201)
            .with("Location", "/v2/" + repository + "/manifests/" + entry.digest())
            .with("Docker-Content-Digest", entry.digest().toString());
    Optional<Digest> subject = entry.about();
    return subject.isPresent() ? created.with("OCI-Subject", subject.get().toString()) : created;
  }

  /** The body, unless it is over the limit; then the rest is left unread. */
  private Optional<byte[]> receive(Incoming request) throws IOException {
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    for (ByteBuffer bytes = request.nextBytes(); bytes != null; bytes = request.nextBytes()) {
      if (content.size() + bytes.remaining() > limits.documentBytesMax()) {
        return Optional.empty();
      }
      byte[] piece = new byte[bytes.remaining()];
      bytes.get(piece);
      content.writeBytes(piece);
    }
    return Optional.of(content.toByteArray());
  }

  RegistryReply delete(String repository, ManifestKey key, Incoming request) throws IOException {
    CatalogDecision decision =
        catalog.change(request.actor(), now -> CatalogDecider.deleteManifest(now, repository, key));
    return switch (decision) {
      case CatalogDecision.Refused(var code, var why) -> RegistryReply.error(code, why);
      case CatalogDecision.Accepted _ -> RegistryReply.of(202);
    };
  }
}
