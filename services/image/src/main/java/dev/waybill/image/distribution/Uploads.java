package dev.waybill.image.distribution;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.BlobWriter;
import java.io.IOException;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/**
 * Uploads that are open. They live as long as the process: their bytes are temporary files, and a
 * client whose upload is unknown begins it again.
 */
public final class Uploads {
  private final BlobStore store;
  private final RegistryLimits limits;
  private final InstantSource clock;
  private final Supplier<String> ids;
  private final Map<String, Upload> open = new ConcurrentHashMap<>();

  /**
   * @param ids names for new uploads that nobody can guess
   */
  public Uploads(
      BlobStore store, RegistryLimits limits, InstantSource clock, Supplier<String> ids) {
    this.store = store;
    this.limits = limits;
    this.clock = clock;
    this.ids = ids;
  }

  /** One upload. Whoever uses it claims it first: its bytes come in one order. */
  static final class Upload {
    private final String id;
    private final String repository;
    private final BlobWriter writer;
    private final AtomicBoolean claimed = new AtomicBoolean();
    private volatile Instant lastUse;

    Upload(String id, String repository, BlobWriter writer, Instant now) {
      this.id = id;
      this.repository = repository;
      this.writer = writer;
      this.lastUse = now;
    }

    String id() {
      return id;
    }

    BlobWriter writer() {
      return writer;
    }
  }

  /** A new upload, unless too many are open. */
  Optional<Upload> begin(String repository) throws IOException {
    if (open.size() >= limits.uploadsMax()) {
      return Optional.empty();
    }
    Upload upload = new Upload(ids.get(), repository, store.prepare(), clock.instant());
    open.put(upload.id, upload);
    return Optional.of(upload);
  }

  Optional<Upload> find(String repository, String id) {
    return Optional.ofNullable(open.get(id)).filter(upload -> upload.repository.equals(repository));
  }

  /** Whether the upload is this caller's alone until it gives it back. */
  boolean claim(Upload upload) {
    return upload.claimed.compareAndSet(false, true);
  }

  void giveBack(Upload upload) {
    upload.lastUse = clock.instant();
    upload.claimed.set(false);
  }

  /** Closes the upload for good. */
  void end(Upload upload) throws IOException {
    open.remove(upload.id);
    upload.writer.close();
  }

  /** Ends the uploads that have rested too long; whoever has a clock calls this now and then. */
  public int expire() throws IOException {
    Instant limit = clock.instant().minus(limits.uploadIdle());
    List<Upload> idle =
        open.values().stream()
            .filter(upload -> upload.lastUse.isBefore(limit) && claim(upload))
            .toList();
    for (Upload upload : idle) {
      end(upload);
    }
    return idle.size();
  }
}
