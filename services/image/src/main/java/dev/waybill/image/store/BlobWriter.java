package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** Content that arrives. For one thread at a time. */
public interface BlobWriter extends AutoCloseable {
  /**
   * Adds the rest of this buffer.
   *
   * @throws StoreFullException if there is no room for it; the writer is of no more use then
   */
  void write(ByteBuffer content) throws IOException;

  /** Bytes so far. */
  long size();

  /** Begins again with nothing. */
  void restart() throws IOException;

  /**
   * What is written, for another thread to read while more comes; the caller closes it. It stays
   * readable when this is committed or closed.
   */
  SeekableByteChannel readBack() throws IOException;

  /** Makes the content readable if it has this digest. */
  Commit commit(Digest expected) throws IOException;

  /** Lets go of the content unless it was committed; closing twice is fine. */
  @Override
  void close() throws IOException;

  /** What became of a commit. */
  sealed interface Commit {
    /** It can be read from now on. */
    record Done(StoredBlob blob) implements Commit {}

    /** It is other content than was said. */
    record Mismatch(Digest actual) implements Commit {}
  }
}
