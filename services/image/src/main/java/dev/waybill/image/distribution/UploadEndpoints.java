package dev.waybill.image.distribution;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogDecider;
import dev.waybill.image.catalog.CatalogDecision;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.distribution.Uploads.Upload;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.Reference;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;

/** Blobs that are pushed: whole, in chunks, or mounted from another repository. */
final class UploadEndpoints {
  private final LiveCatalog catalog;
  private final Leases leases;
  private final Uploads uploads;
  private final RegistryLimits limits;

  UploadEndpoints(LiveCatalog catalog, Leases leases, Uploads uploads, RegistryLimits limits) {
    this.catalog = catalog;
    this.leases = leases;
    this.uploads = uploads;
    this.limits = limits;
  }

  RegistryReply start(String repository, Incoming request) throws IOException {
    Optional<String> mount = request.query("mount");
    Optional<String> from = request.query("from");
    if (mount.isPresent() && from.filter(Reference::isRepository).isPresent()) {
      Optional<RegistryReply> mounted = mount(repository, from.get(), mount.get(), request);
      if (mounted.isPresent()) {
        return mounted.get();
      }
    }
    Optional<String> digest = request.query("digest");
    return digest.isPresent()
        ? ofDigest(
            digest.get(),
            it -> begin(repository, upload -> completeNew(repository, upload, it, request)))
        : begin(repository, upload -> accepted(repository, upload));
  }

  private RegistryReply begin(String repository, Step<Upload> then) throws IOException {
    Optional<Upload> begun = uploads.begin(repository);
    return begun.isPresent()
        ? then.answer(begun.get())
        : RegistryReply.error(
            ErrorCode.TOOMANYREQUESTS, limits.uploadsMax() + " uploads are open, try again later");
  }

  private RegistryReply completeNew(
      String repository, Upload upload, Digest digest, Incoming request) throws IOException {
    uploads.claim(upload);
    return complete(repository, upload, digest, request);
  }

  /** What comes next, once there is what it needs. */
  private interface Step<T> {
    RegistryReply answer(T with) throws IOException;
  }

  private static RegistryReply ofDigest(String text, Step<Digest> then) throws IOException {
    Digest digest;
    try {
      digest = Digest.parse(text);
    } catch (IllegalArgumentException e) {
      return invalidDigest(e);
    }
    return then.answer(digest);
  }

  private Optional<RegistryReply> mount(
      String repository, String from, String text, Incoming request) throws IOException {
    Digest digest;
    try {
      digest = Digest.parse(text);
    } catch (IllegalArgumentException e) {
      return Optional.of(invalidDigest(e));
    }
    leases.take(digest);
    CatalogDecision decision =
        catalog.change(
            request.actor(),
            now ->
                withinQuota(
                    now,
                    repository,
                    digest,
                    now.blobSize(from, digest).orElse(0L),
                    CatalogDecider.mountBlob(now, from, repository, digest)));
    if (decision instanceof CatalogDecision.Refused refused && refused.code() == ErrorCode.DENIED) {
      return Optional.of(RegistryReply.overQuota(refused));
    }
    return decision instanceof CatalogDecision.Accepted
        ? Optional.of(created(repository, digest))
        : Optional.empty(); // The client is told to upload it instead.
  }

  RegistryReply status(String repository, String id) {
    return uploads
        .find(repository, id)
        .map(upload -> placed(204, repository, upload))
        .orElseGet(() -> unknown(id));
  }

  RegistryReply append(String repository, String id, Incoming request) throws IOException {
    Optional<Upload> found = uploads.find(repository, id);
    if (found.isEmpty()) {
      return unknown(id);
    }
    Upload upload = found.get();
    if (!uploads.claim(upload)) {
      return busy(id);
    }
    try {
      Optional<RegistryReply> misplaced = misplaced(repository, upload, request);
      if (misplaced.isPresent()) {
        return misplaced.get();
      }
      receive(repository, upload, request);
      return accepted(repository, upload);
    } catch (TooLargeException e) {
      return tooLarge(repository, upload);
    } finally {
      uploads.giveBack(upload);
    }
  }

  RegistryReply finish(String repository, String id, Incoming request) throws IOException {
    Optional<Upload> found = uploads.find(repository, id);
    if (found.isEmpty()) {
      return unknown(id);
    }
    Optional<String> digest = request.query("digest");
    if (digest.isEmpty()) {
      return RegistryReply.error(
          ErrorCode.DIGEST_INVALID, "say which digest the upload has: ?digest=sha256:…");
    }
    return ofDigest(digest.get(), it -> finish(repository, found.get(), it, request));
  }

  private RegistryReply finish(String repository, Upload upload, Digest digest, Incoming request)
      throws IOException {
    if (!uploads.claim(upload)) {
      return busy(upload.id());
    }
    Optional<RegistryReply> misplaced = misplaced(repository, upload, request);
    if (misplaced.isPresent()) {
      uploads.giveBack(upload);
      return misplaced.get();
    }
    return complete(repository, upload, digest, request);
  }

  /** The upload is claimed, and is over after this unless the client broke off. */
  private RegistryReply complete(String repository, Upload upload, Digest digest, Incoming request)
      throws IOException {
    try {
      receive(repository, upload, request);
    } catch (TooLargeException e) {
      return tooLarge(repository, upload);
    } finally {
      uploads.giveBack(upload);
    }
    leases.take(digest);
    try {
      return switch (upload.writer().commit(digest)) {
        case BlobWriter.Commit.Mismatch(var actual) ->
            RegistryReply.error(
                ErrorCode.DIGEST_INVALID, "the upload's digest is " + actual + ", not " + digest);
        case BlobWriter.Commit.Done(var blob) -> link(repository, blob, request);
      };
    } finally {
      uploads.end(upload);
    }
  }

  private RegistryReply link(String repository, StoredBlob blob, Incoming request)
      throws IOException {
    CatalogDecision decision =
        catalog.change(
            request.actor(),
            now ->
                withinQuota(
                    now,
                    repository,
                    blob.digest(),
                    blob.size(),
                    CatalogDecider.linkBlob(now, repository, blob.digest(), blob.size())));
    return switch (decision) {
      case CatalogDecision.Accepted _ -> created(repository, blob.digest());
      case CatalogDecision.Refused refused -> { // Others pushed meanwhile.
        leases.end(List.of(blob.digest()));
        yield RegistryReply.overQuota(refused);
      }
    };
  }

  private CatalogDecision withinQuota(
      Catalog now, String repository, Digest digest, long size, CatalogDecision otherwise) {
    return limits
        .quotas()
        .refusal(now, repository, digest, size)
        .<CatalogDecision>map(refused -> refused)
        .orElse(otherwise);
  }

  private void receive(String repository, Upload upload, Incoming request) throws IOException {
    long most = Math.min(limits.blobBytesMax(), room(repository));
    for (ByteBuffer bytes = request.nextBytes(); bytes != null; bytes = request.nextBytes()) {
      if (upload.writer().size() + bytes.remaining() > most) {
        throw new TooLargeException();
      }
      upload.writer().write(bytes);
    }
  }

  /** Ends the reading of a body; it never leaves this class. */
  private static final class TooLargeException extends IOException {
    private static final long serialVersionUID = 1L;
  }

  RegistryReply cancel(String repository, String id) throws IOException {
    Optional<Upload> found = uploads.find(repository, id);
    if (found.isEmpty()) {
      return unknown(id);
    }
    if (!uploads.claim(found.get())) {
      return busy(id);
    }
    uploads.end(found.get());
    return RegistryReply.of(204);
  }

  /** Why what the client sends can't be taken as the next bytes, if it can't. */
  private static Optional<RegistryReply> misplaced(
      String repository, Upload upload, Incoming request) {
    Optional<String> said = request.header("Content-Range");
    if (said.isEmpty()) {
      return Optional.empty();
    }
    Optional<ChunkRange> range =
        said.flatMap(ChunkRange::of).filter(it -> it.first() == upload.writer().size());
    if (range.isEmpty()) {
      return Optional.of(outOfOrder(repository, upload));
    }
    long length = range.get().length();
    return request
        .header("Content-Length")
        .filter(sent -> !sent.equals(Long.toString(length)))
        .map(
            sent ->
                RegistryReply.error(
                    ErrorCode.SIZE_INVALID,
                    "bytes " + said.get() + " are " + length + ", not " + sent));
  }

  private static RegistryReply outOfOrder(String repository, Upload upload) {
    RegistryReply refused =
        RegistryReply.error(
            416,
            ErrorCode.BLOB_UPLOAD_INVALID,
            "the next byte must be number " + upload.writer().size());
    return refused
        .with("Location", location(repository, upload))
        .with("Range", range(upload))
        .with("Docker-Upload-UUID", upload.id());
  }

  private long room(String repository) {
    return limits.quotas().room(catalog.current(), repository);
  }

  private RegistryReply tooLarge(String repository, Upload upload) throws IOException {
    uploads.end(upload);
    if (room(repository) < limits.blobBytesMax()) {
      return RegistryReply.overQuota(limits.quotas().full(catalog.current(), repository));
    }
    return RegistryReply.error(
        413, ErrorCode.SIZE_INVALID, "a blob may have " + limits.blobBytesMax() + " bytes");
  }

  private static RegistryReply accepted(String repository, Upload upload) {
    return placed(202, repository, upload);
  }

  private static RegistryReply placed(int status, String repository, Upload upload) {
    return RegistryReply.of(status)
        .with("Location", location(repository, upload))
        .with("Range", range(upload))
        .with("Docker-Upload-UUID", upload.id());
  }

  private static String location(String repository, Upload upload) {
    return "/v2/" + repository + "/blobs/uploads/" + upload.id();
  }

  private static String range(Upload upload) {
    return "0-" + Math.max(0, upload.writer().size() - 1);
  }

  private static RegistryReply created(String repository, Digest digest) {
    return RegistryReply.of(201)
        .with("Location", "/v2/" + repository + "/blobs/" + digest)
        .with("Docker-Content-Digest", digest.toString());
  }

  private static RegistryReply unknown(String id) {
    return RegistryReply.error(
        ErrorCode.BLOB_UPLOAD_UNKNOWN, "no upload " + id + ", start a new one");
  }

  private static RegistryReply busy(String id) {
    return RegistryReply.error(
        409,
        ErrorCode.BLOB_UPLOAD_INVALID,
        "upload " + id + " is being written by another request");
  }

  private static RegistryReply invalidDigest(IllegalArgumentException e) {
    return RegistryReply.error(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage()));
  }
}
