package dev.waybill.image.ingest;

import dev.waybill.image.arrival.Arrivals;
import dev.waybill.image.arrival.ArrivingBlob;
import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.BlobWriter.Commit;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.registryclient.Backoff;
import dev.waybill.registryclient.Pause;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.time.Duration;

/** Fetches one blob; what arrived before a connection broke isn't fetched again. */
final class BlobDownload {
  private static final int BUFFER_BYTES = 128 * 1024;

  private final RegistryConnection registry;
  private final BlobStore store;
  private final PullLimits limits;
  private final Pause pause;
  private final Arrivals arrivals;
  private final PieceDownload pieces;

  BlobDownload(
      RegistryConnection registry,
      BlobStore store,
      PullLimits limits,
      Pause pause,
      Arrivals arrivals,
      PieceDownload pieces) {
    this.registry = registry;
    this.store = store;
    this.limits = limits;
    this.pause = pause;
    this.arrivals = arrivals;
    this.pieces = pieces;
  }

  /** Fetches and stores the blob, as far as it isn't in others that are here. */
  Transferred fetch(String repository, Descriptor blob)
      throws IOException, PullFailedException, InterruptedException {
    PieceDownload.Attempt attempt = pieces.fetch(repository, blob);
    return attempt.isHere()
        ? attempt.moved()
        : attempt.moved().plus(new Transferred(fetchWhole(repository, blob), 0));
  }

  /** How many bytes came over the network. */
  private long fetchWhole(String repository, Descriptor blob)
      throws IOException, PullFailedException, InterruptedException {
    Backoff backoff = new Backoff(limits.retryDelay(), limits.retryAfterMax());
    long received = 0;
    try (BlobWriter writer = store.prepare();
        ArrivingBlob arriving = arrivals.begin(blob, writer)) {
      for (int breaks = 0; ; ) {
        long before = writer.size();
        try {
          long here = receive(repository, blob, writer, arriving);
          commit(blob, writer);
          return received + here;
        } catch (StoreFailedException e) {
          throw e;
        } catch (IOException e) {
          received += Math.max(0, writer.size() - before);
          if (++breaks > limits.breaksMax()) {
            throw new PullFailedException(
                Reason.UNREACHABLE,
                "download of "
                    + blob.digest()
                    + " broke off "
                    + breaks
                    + " times, last at byte "
                    + writer.size()
                    + " of "
                    + blob.size()
                    + ": "
                    + e.getMessage(),
                e);
          }
          pause.forAbout(backoff.after(breaks, Duration.ZERO));
        }
      }
    }
  }

  private long receive(String repository, Descriptor blob, BlobWriter writer, ArrivingBlob arriving)
      throws IOException, PullFailedException, InterruptedException {
    RegistryRequest request =
        writer.size() == 0
            ? RegistryRequest.blob(repository, blob.digest())
            : RegistryRequest.blobFrom(repository, blob.digest(), writer.size());
    try (Opened opened = registry.open(request)) {
      if (opened.offset() != writer.size()) {
        arriving.restarted();
        writer.restart(); // The registry doesn't do ranges, or does them differently.
        if (opened.offset() != 0) {
          throw new IOException("asked for the rest, got bytes from " + opened.offset() + " on");
        }
      }
      return copy(opened.body(), blob, writer, arriving);
    } catch (RegistryFailedException e) {
      throw PullFailedException.of(e);
    }
  }

  private static long copy(
      InputStream body, Descriptor blob, BlobWriter writer, ArrivingBlob arriving)
      throws IOException, PullFailedException {
    byte[] buffer = new byte[BUFFER_BYTES];
    long received = 0;
    for (int count = body.read(buffer); count >= 0; count = body.read(buffer)) {
      received += count;
      if (writer.size() + count > blob.size()) {
        throw new PullFailedException(
            Reason.DIGEST_MISMATCH,
            "blob " + blob.digest() + " is longer than the " + blob.size() + " bytes it should be");
      }
      writer.write(ByteBuffer.wrap(buffer, 0, count));
      arriving.grown(writer.size());
    }
    if (writer.size() < blob.size()) {
      throw new IOException("ends at byte " + writer.size());
    }
    return received;
  }

  private static void commit(Descriptor blob, BlobWriter writer)
      throws IOException, PullFailedException {
    if (writer.commit(blob.digest()) instanceof Commit.Mismatch(var actual)) {
      throw new PullFailedException(
          Reason.DIGEST_MISMATCH, "blob " + blob.digest() + " arrived as " + actual);
    }
  }
}
