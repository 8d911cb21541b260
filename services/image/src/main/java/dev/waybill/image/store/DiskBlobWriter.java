package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** Writes to a temporary file, which becomes the stored one. */
final class DiskBlobWriter implements BlobWriter {
  private final DiskBlobStore store;
  private final Spool spool;

  DiskBlobWriter(DiskBlobStore store, Spool spool) {
    this.store = store;
    this.spool = spool;
  }

  @Override
  public void write(ByteBuffer content) throws IOException {
    spool.write(content);
  }

  @Override
  public long size() {
    return spool.size();
  }

  @Override
  public void restart() throws IOException {
    spool.restart();
  }

  @Override
  public SeekableByteChannel readBack() throws IOException {
    return spool.readBack();
  }

  @Override
  public Commit commit(Digest expected) throws IOException {
    Digest actual = spool.finish(expected);
    if (!actual.equals(expected)) {
      close();
      return new Commit.Mismatch(actual);
    }
    if (store.find(expected).isEmpty()) {
      spool.publish(store.pathOf(expected));
    }
    close();
    return new Commit.Done(store.find(expected).orElseThrow());
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
