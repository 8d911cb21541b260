package dev.waybill.registryclient;

import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A body that fails when no byte has come for a while. The HTTP client's own timeout ends with the
 * headers; after that a silent registry would hold a thread for ever.
 */
final class StallGuard extends InputStream {
  private final InputStream body;
  private final Duration timeout;
  private final AtomicLong reads = new AtomicLong();
  private final ScheduledFuture<?> watch;
  private volatile boolean stalled;
  private long readsSeen = -1;

  StallGuard(InputStream body, Duration timeout, ScheduledExecutorService timer) {
    this.body = body;
    this.timeout = timeout;
    this.watch =
        timer.scheduleAtFixedRate(
            this::look, timeout.toMillis(), timeout.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void look() {
    long now = reads.get();
    if (now == readsSeen || now == 0) {
      stalled = true;
      try {
        body.close(); // Wakes the reader.
      } catch (IOException closedAnyway) {
        watch.cancel(false);
      }
    }
    readsSeen = now;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count;
    try {
      count = body.read(buffer, offset, length);
    } catch (IOException e) {
      throw stalled ? stall(e) : e;
    }
    if (count < 0 && stalled) {
      throw stall(null);
    }
    reads.incrementAndGet();
    return count;
  }

  private IOException stall(@Nullable IOException cause) {
    return new IOException("nothing came for " + timeout.toMillis() + " ms", cause);
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public void close() throws IOException {
    watch.cancel(false);
    body.close();
  }
}
