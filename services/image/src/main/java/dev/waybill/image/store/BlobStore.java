package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.Optional;

/**
 * Content by digest. Content comes in by prepare, write, commit: it can't be read before the
 * commit, and after it never changes. To store what is stored already is a success.
 */
public interface BlobStore {
  /** The blob with this digest, if it is stored. */
  Optional<StoredBlob> find(Digest digest);

  /** All its bytes; for documents, which are small. */
  byte[] read(StoredBlob blob) throws IOException;

  /** Its bytes, one after another; the caller closes them. */
  InputStream open(StoredBlob blob) throws IOException;

  /** Room for content that arrives; the caller closes it, whether it was committed or not. */
  BlobWriter prepare() throws IOException;

  /** Stores bytes in memory. */
  StoredBlob store(byte[] content) throws IOException;

  /** Removes a blob; whether there was one. */
  boolean delete(Digest digest) throws IOException;

  /** Keeps damaged content for people to look at, where it can't be found any more. */
  void setAside(Digest digest) throws IOException;

  /** Every digest that is stored. */
  Collection<Digest> all() throws IOException;
}
