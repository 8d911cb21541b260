package dev.waybill.image.arrival;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Manifest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.NoSuchFileException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The images and blobs that are on their way here. */
public final class Arrivals {
  private final BlobStore store;
  private final List<Image> images = new ArrayList<>();
  private final Map<Digest, ArrivingBlob> blobs = new HashMap<>();

  /** Held for looks and changes alone, never while bytes are moved. */
  final ReentrantLock lock = new ReentrantLock();

  /** Something came, or ended. */
  final Condition changed = lock.newCondition();

  public Arrivals(BlobStore store) {
    this.store = store;
  }

  /** An image whose layers are being fetched; closed when the pull ends, one way or the other. */
  public final class Image implements AutoCloseable {
    private final String repository;
    private final byte[] document;
    private final Digest digest;
    private final Manifest manifest;

    private Image(String repository, Digest digest, byte[] document, Manifest manifest) {
      this.repository = repository;
      this.document = document;
      this.digest = digest;
      this.manifest = manifest;
    }

    private Optional<Descriptor> blob(Digest wanted) {
      return Stream.concat(Stream.of(manifest.config()), manifest.layers().stream())
          .filter(blob -> blob.digest().equals(wanted))
          .findFirst();
    }

    @Override
    public void close() {
      change(() -> images.remove(this));
    }
  }

  /**
   * Content of a blob.
   *
   * @param bytes from the wanted offset to the end; waits for those that aren't here yet
   * @param size of the whole blob
   */
  public record Content(InputStream bytes, long size) {}

  /**
   * Lets an image be read from now on.
   *
   * @param repository where it will be in the platform's registry
   * @param digest of its manifest
   * @param document the bytes of its manifest
   */
  public Image begin(String repository, Digest digest, byte[] document, Manifest manifest) {
    Image image = new Image(repository, digest, document, manifest);
    change(() -> images.add(image));
    return image;
  }

  /** Lets what is written of a blob be read; one at a time is written of each. */
  public ArrivingBlob begin(Descriptor blob, BlobWriter writer) {
    ArrivingBlob arriving = new ArrivingBlob(this, blob, writer);
    change(() -> blobs.put(blob.digest(), arriving));
    return arriving;
  }

  void end(ArrivingBlob arriving) {
    change(() -> blobs.remove(arriving.blob().digest(), arriving));
  }

  void change(Runnable how) {
    lock.lock();
    try {
      how.run();
      changed.signalAll();
    } finally {
      lock.unlock();
    }
  }

  /** The manifest of an image that is on its way to this repository. */
  public Optional<byte[]> manifest(String repository, Digest digest) {
    lock.lock();
    try {
      return images.stream()
          .filter(image -> image.repository.equals(repository) && image.digest.equals(digest))
          .map(image -> image.document)
          .findFirst();
    } finally {
      lock.unlock();
    }
  }

  /**
   * A blob of an image that is on its way to this repository. Waits until its download begins.
   *
   * @param offset where to begin, not beyond the end
   * @return nothing if no such image is on its way, or its pull ended meanwhile; then the registry
   *     itself has the answer
   */
  public Optional<Content> blob(String repository, Digest digest, long offset)
      throws IOException, InterruptedException {
    lock.lockInterruptibly();
    try {
      while (true) {
        Optional<Descriptor> blob =
            images.stream()
                .filter(image -> image.repository.equals(repository))
                .flatMap(image -> image.blob(digest).stream())
                .findFirst();
        if (blob.isEmpty() || offset > blob.get().size()) {
          return Optional.empty();
        }
        Optional<Content> content = content(blob.get(), offset);
        if (content.isPresent()) {
          return content;
        }
        changed.await();
      }
    } finally {
      lock.unlock();
    }
  }

  private Optional<Content> content(Descriptor blob, long offset) throws IOException {
    Optional<StoredBlob> stored = store.find(blob.digest());
    if (stored.isEmpty()) {
      return arriving(blob, offset);
    }
    InputStream whole = store.open(stored.get());
    try {
      whole.skipNBytes(offset);
      return Optional.of(new Content(whole, stored.get().size()));
    } catch (IOException e) {
      whole.close();
      throw e;
    }
  }

  private Optional<Content> arriving(Descriptor blob, long offset) throws IOException {
    @Nullable ArrivingBlob arriving = blobs.get(blob.digest());
    if (arriving == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(new Content(arriving.read(offset), blob.size()));
    } catch (NoSuchFileException committed) {
      return Optional.empty(); // Just now: its end is told in a moment, and then it is stored.
    }
  }
}
