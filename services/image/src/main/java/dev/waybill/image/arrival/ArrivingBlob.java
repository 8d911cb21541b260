package dev.waybill.image.arrival;

import dev.waybill.image.store.BlobWriter;
import dev.waybill.oci.image.Descriptor;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SeekableByteChannel;

/** A blob that is being written. Its download says how far it is; others read it meanwhile. */
public final class ArrivingBlob implements AutoCloseable {
  /** Less is not worth waking a reader for. */
  private static final int WORTH_READING_BYTES = 128 * 1024;

  private final Arrivals arrivals;
  private final Descriptor blob;
  private final BlobWriter writer;
  private long written;
  private long told;
  private int attempt;
  private boolean ended;

  ArrivingBlob(Arrivals arrivals, Descriptor blob, BlobWriter writer) {
    this.arrivals = arrivals;
    this.blob = blob;
    this.writer = writer;
  }

  Descriptor blob() {
    return blob;
  }

  /** So many bytes are written; for the download's thread. Readers learn of some more at once. */
  public void grown(long size) {
    if (size - told >= WORTH_READING_BYTES || size == blob.size()) {
      told = size;
      arrivals.change(() -> written = size);
    }
  }

  /** The download begins again with nothing. */
  public void restarted() {
    told = 0;
    arrivals.change(
        () -> {
          written = 0;
          attempt++;
        });
  }

  /** No more is written; who has not read all that was to come is broken off. */
  @Override
  public void close() {
    arrivals.change(() -> ended = true);
    arrivals.end(this);
  }

  /** From this byte on; called while nobody else changes this. */
  InputStream read(long offset) throws IOException {
    return new Following(writer.readBack(), offset, attempt);
  }

  /** Until there are bytes beyond {@code position}, and how many. */
  private long await(long position, int wanted) throws IOException {
    arrivals.lock.lock();
    try {
      while (attempt == wanted && written <= position && !ended) {
        arrivals.changed.await();
      }
      if (attempt != wanted || written <= position) {
        throw new IOException("download of " + blob.digest() + " broke off at byte " + position);
      }
      return written - position;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted at byte " + position + " of " + blob.digest());
    } finally {
      arrivals.lock.unlock();
    }
  }

  /** Ends where the blob does, not where the download is. */
  private final class Following extends InputStream {
    private final SeekableByteChannel channel;
    private final int wanted;
    private long position;

    Following(SeekableByteChannel channel, long position, int wanted) throws IOException {
      this.channel = channel.position(position);
      this.position = position;
      this.wanted = wanted;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      if (position == blob.size() || length == 0) {
        return length == 0 ? 0 : -1;
      }
      int most = (int) Math.min(length, await(position, wanted));
      int count = channel.read(ByteBuffer.wrap(target, offset, most));
      if (count < 0) {
        throw new IOException("download of " + blob.digest() + " begins again");
      }
      position += count;
      return count;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public void close() throws IOException {
      channel.close();
    }
  }
}
