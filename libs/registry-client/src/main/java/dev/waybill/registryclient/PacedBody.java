package dev.waybill.registryclient;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.time.InstantSource;

/** A body whose bytes come as fast as the registry's bandwidth lets them. */
final class PacedBody extends InputStream {
  private final InputStream body;
  private final Bandwidth bandwidth;
  private final String registry;
  private final InstantSource clock;
  private final Pause pause;

  PacedBody(
      InputStream body, Bandwidth bandwidth, String registry, InstantSource clock, Pause pause) {
    this.body = body;
    this.bandwidth = bandwidth;
    this.registry = registry;
    this.clock = clock;
    this.pause = pause;
  }

  @Override
  public int read(byte[] buffer, int offset, int length) throws IOException {
    int count = body.read(buffer, offset, bandwidth.chunk(length));
    if (count > 0) {
      try {
        bandwidth.took(registry, count, clock, pause);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new InterruptedIOException("stopped while the bandwidth was used up");
      }
    }
    return count;
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public void close() throws IOException {
    body.close();
  }
}
