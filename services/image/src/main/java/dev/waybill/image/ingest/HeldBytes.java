package dev.waybill.image.ingest;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.Content;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Reads parts of stored content. One that follows the last one closely costs no new opening. */
final class HeldBytes implements AutoCloseable {
  private static final long SKIP_MAX = 1 << 20;

  private final BlobStore store;
  private @Nullable Digest blob;
  private @Nullable InputStream open;
  private long position;

  HeldBytes(BlobStore store) {
    this.store = store;
  }

  /** Goes to this byte of a blob; reads go on from there. */
  void seek(Digest wanted, long offset) throws IOException {
    boolean isNear = wanted.equals(blob) && offset >= position && offset - position <= SKIP_MAX;
    if (isNear) {
      opened().skipNBytes(offset - position);
    } else {
      close();
      open = open(wanted, offset);
      blob = wanted;
    }
    position = offset;
  }

  private InputStream open(Digest wanted, long offset) throws IOException {
    StoredBlob stored =
        store.find(wanted).orElseThrow(() -> new NoSuchFileException(wanted.toString()));
    if (offset < 0 || offset > stored.size()) {
      throw new IOException(wanted + " has no byte " + offset);
    }
    return switch (store.content(stored)) {
      case Content.Streamed streamed -> streamed.open(offset, stored.size() - offset);
      case Content.LocalFile(var file) -> {
        InputStream whole = Files.newInputStream(file);
        try {
          whole.skipNBytes(offset);
          yield whole;
        } catch (IOException e) {
          whole.close();
          throw e;
        }
      }
    };
  }

  private InputStream opened() {
    return Objects.requireNonNull(open, "nothing was sought");
  }

  /** The next bytes, all of these. */
  void read(byte[] buffer, int count) throws IOException {
    int got = opened().readNBytes(buffer, 0, count);
    position += got;
    if (got < count) {
      throw new IOException(blob + " ends at byte " + position);
    }
  }

  @Override
  public void close() throws IOException {
    blob = null;
    if (open != null) {
      open.close();
    }
    open = null;
  }
}
