package dev.waybill.image.edge;

import dev.waybill.image.arrival.Arrivals;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ArrivingImages;
import jakarta.enterprise.context.ApplicationScoped;
import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What this image service has for a node in its process; nothing while it does not run here. */
@ApplicationScoped
public class NearbyArrivals implements ArrivingImages {
  private volatile @Nullable Arrivals arrivals;

  void serve(Arrivals running) {
    arrivals = running;
  }

  @Override
  public Optional<byte[]> manifest(String repository, Digest digest) {
    return Optional.ofNullable(arrivals).flatMap(running -> running.manifest(repository, digest));
  }

  @Override
  public Optional<InputStream> blob(String repository, Digest digest, long offset)
      throws IOException {
    @Nullable Arrivals running = arrivals;
    if (running == null) {
      return Optional.empty();
    }
    try {
      return running.blob(repository, digest, offset).map(Arrivals.Content::bytes);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted before " + digest + " arrived");
    }
  }
}
