package dev.waybill.image.store.s3;

import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.Spool;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** Writes to a temporary file, which is sent when all of it is here. */
final class S3BlobWriter implements BlobWriter {
  private final S3BlobStore store;
  private final Spool spool;

  S3BlobWriter(S3BlobStore store, Spool spool) {
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
    try {
      return actual.equals(expected)
          ? new Commit.Done(store.publish(expected, spool))
          : new Commit.Mismatch(actual);
    } finally {
      close();
    }
  }

  @Override
  public void close() throws IOException {
    spool.close();
  }
}
