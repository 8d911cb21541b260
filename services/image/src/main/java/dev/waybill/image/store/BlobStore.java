package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.Optional;

/**
 * Content by digest. Content comes in by prepare, write, commit: it can't be read before the
 * commit, and after it never changes. To store what is stored already is a success.
 */
public interface BlobStore extends AutoCloseable {
  /** The blob with this digest, if it is stored. */
  Optional<StoredBlob> find(Digest digest);

  /** All its bytes; for documents, which are small. */
  byte[] read(StoredBlob blob) throws IOException;

  /** Its bytes, one after another; the caller closes them. */
  InputStream open(StoredBlob blob) throws IOException;

  /** How its bytes are sent to somebody. */
  Content content(StoredBlob blob);

  /** Room for content that arrives; the caller closes it, whether it was committed or not. */
  BlobWriter prepare() throws IOException;

  /** Stores bytes in memory. */
  default StoredBlob store(byte[] content) throws IOException {
    return store(Digest.of(content), content);
  }

  /** Stores bytes in memory under the digest that they have. */
  default StoredBlob store(Digest digest, byte[] content) throws IOException {
    Optional<StoredBlob> present = find(digest);
    if (present.isPresent()) {
      return present.get();
    }
    try (BlobWriter writer = prepare()) {
      writer.write(ByteBuffer.wrap(content));
      return switch (writer.commit(digest)) {
        case BlobWriter.Commit.Done(var blob) -> blob;
        case BlobWriter.Commit.Mismatch(var actual) ->
            throw new IllegalStateException("bytes in memory changed to " + actual);
      };
    }
  }

  /** Removes a blob; whether there was one. */
  boolean delete(Digest digest) throws IOException;

  /** Keeps damaged content for people to look at, where it can't be found any more. */
  void setAside(Digest digest) throws IOException;

  /** All that was set aside and not discarded. */
  Collection<SetAside> quarantine() throws IOException;

  /** Deletes what was set aside under this digest; whether there was any. */
  boolean discard(Digest digest) throws IOException;

  /** Everything that is stored. */
  Collection<StoredBlob> all() throws IOException;

  /** Lets go of what the store needs to work; its content stays. */
  @Override
  default void close() {}
}
