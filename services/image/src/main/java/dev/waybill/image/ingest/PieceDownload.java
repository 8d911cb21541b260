package dev.waybill.image.ingest;

import dev.waybill.image.arrival.Arrivals;
import dev.waybill.image.arrival.ArrivingBlob;
import dev.waybill.image.pieces.FetchPlan;
import dev.waybill.image.pieces.FetchPlan.Step;
import dev.waybill.image.pieces.FetchPlanner;
import dev.waybill.image.pieces.HeldLayer;
import dev.waybill.image.pieces.MalformedTableException;
import dev.waybill.image.pieces.PieceLimits;
import dev.waybill.image.pieces.TableClaim;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.kernel.Digest;
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
import java.util.List;
import java.util.Optional;

/**
 * Puts a layer together from what is here and what isn't. Whatever goes wrong with that, be it the
 * table, the registry's ranges, a layer that is removed meanwhile, or a sum that isn't right: the
 * layer isn't here then, and is to be fetched as a whole.
 */
final class PieceDownload {
  private static final int BUFFER_BYTES = 128 * 1024;

  private final RegistryConnection registry;
  private final BlobStore store;
  private final PullLimits limits;
  private final Pause pause;
  private final Arrivals arrivals;
  private final HeldLayers held;
  private final String mirror;

  /**
   * @param mirror the repository that the layer is for: what it has already is likely to be like it
   */
  PieceDownload(
      RegistryConnection registry,
      BlobStore store,
      PullLimits limits,
      Pause pause,
      Arrivals arrivals,
      HeldLayers held,
      String mirror) {
    this.registry = registry;
    this.store = store;
    this.limits = limits;
    this.pause = pause;
    this.arrivals = arrivals;
    this.held = held;
    this.mirror = mirror;
  }

  /**
   * What came of it.
   *
   * @param isHere whether the layer is stored now
   * @param moved bytes, whether they were of use or not
   */
  record Attempt(boolean isHere, Transferred moved) {}

  /** Pieces are of no help. */
  private static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(Exception cause) {
      super(cause);
    }
  }

  /** Takes bytes as they come. */
  private interface Sink {
    void take(byte[] buffer, int count) throws IOException;
  }

  Attempt fetch(String upstream, Descriptor layer) throws IOException, InterruptedException {
    Optional<TableClaim> claim = TableClaim.of(layer);
    if (claim.isEmpty() || layer.size() < held.limits().layerBytesMin()) {
      return new Attempt(false, Transferred.NOTHING);
    }
    List<HeldLayer> like = held.like(layer, claim.get(), mirror);
    if (like.isEmpty()) {
      return new Attempt(false, Transferred.NOTHING);
    }
    Assembly assembly = new Assembly(upstream, layer);
    boolean isHere = false;
    try {
      isHere = assembly.run(claim.get(), like);
    } catch (Unusable _) {
      isHere = false;
    }
    return new Attempt(isHere, new Transferred(assembly.fetched, isHere ? assembly.reused : 0));
  }

  /** One layer that is put together. */
  private final class Assembly {
    private final String upstream;
    private final Descriptor layer;
    private final byte[] buffer = new byte[BUFFER_BYTES];
    private long fetched;
    private long reused;

    Assembly(String upstream, Descriptor layer) {
      this.upstream = upstream;
      this.layer = layer;
    }

    /** Whether the layer is stored now. */
    boolean run(TableClaim claim, List<HeldLayer> like)
        throws IOException, Unusable, InterruptedException {
      PieceLimits most = held.limits();
      byte[] tail;
      FetchPlan plan;
      try {
        long size = layer.size();
        long start = claim.tailStart(part(size - claim.footerBytes(), claim.footerBytes()), size);
        if (size - start > most.tailBytesMax()) {
          return false;
        }
        tail = part(start, (int) (size - start));
        plan = FetchPlanner.plan(claim.read(tail, start, most), like, most);
      } catch (MalformedTableException e) {
        throw new Unusable(e);
      }
      try (BlobWriter writer = store.prepare();
          ArrivingBlob arriving = arrivals.begin(layer, writer)) {
        Sink sink =
            (bytes, count) -> {
              writer.write(ByteBuffer.wrap(bytes, 0, count));
              arriving.grown(writer.size());
            };
        follow(plan, sink);
        sink.take(tail, tail.length);
        return writer.commit(layer.digest()) instanceof BlobWriter.Commit.Done;
      }
    }

    private byte[] part(long offset, int length)
        throws IOException, Unusable, InterruptedException {
      ByteBuffer part = ByteBuffer.allocate(length);
      range(offset, length, (bytes, count) -> part.put(bytes, 0, count));
      return part.array();
    }

    private void follow(FetchPlan plan, Sink sink)
        throws IOException, Unusable, InterruptedException {
      try (HeldBytes bytes = new HeldBytes(store)) {
        for (Step step : plan.steps()) {
          switch (step) {
            case Step.Copy(var blob, var offset, var length) ->
                copy(bytes, blob, offset, length, sink);
            case Step.Fetch(var offset, var length) -> range(offset, length, sink);
          }
        }
      }
    }

    private void copy(HeldBytes bytes, Digest blob, long offset, long length, Sink sink)
        throws IOException, Unusable {
      for (long done = 0; done < length; ) {
        int count = (int) Math.min(buffer.length, length - done);
        try {
          bytes.seek(blob, offset + done);
          bytes.read(buffer, count);
        } catch (IOException e) { // It was removed meanwhile, or its storage is away.
          throw new Unusable(e);
        }
        sink.take(buffer, count);
        done += count;
        reused += count;
      }
    }

    /** Has a range fetched, and taken up again where it breaks off. */
    private void range(long offset, long length, Sink sink)
        throws IOException, Unusable, InterruptedException {
      Backoff backoff = new Backoff(limits.retryDelay(), limits.retryAfterMax());
      long end = offset + length;
      long next = offset;
      for (int breaks = 0; next < end; ) {
        long before = fetched;
        try {
          receive(next, end, sink);
        } catch (StoreFailedException e) {
          throw e;
        } catch (RegistryFailedException e) {
          throw new Unusable(e);
        } catch (IOException e) {
          if (++breaks > limits.breaksMax()) {
            throw new Unusable(e);
          }
          pause.forAbout(backoff.after(breaks, Duration.ZERO));
        }
        next += fetched - before;
      }
    }

    private void receive(long from, long end, Sink sink)
        throws IOException, RegistryFailedException, Unusable, InterruptedException {
      try (Opened opened =
          registry.open(RegistryRequest.blobPart(upstream, layer.digest(), from, end - from))) {
        if (opened.offset() != from) {
          throw new Unusable(
              new IOException("asked for bytes from " + from + ", got " + opened.offset()));
        }
        InputStream body = opened.body();
        for (long next = from; next < end; ) {
          int count = body.read(buffer, 0, (int) Math.min(buffer.length, end - next));
          if (count < 0) {
            throw new IOException("ends at byte " + next);
          }
          sink.take(buffer, count);
          next += count;
          fetched += count;
        }
      }
    }
  }
}
