package dev.waybill.oci.distribution;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * Images on their way to the platform's registry, for a node in the same process: what {@link
 * RegistryRequest#ARRIVING} gives to the others, without the way through sockets. Nothing of it is
 * verified.
 */
public interface ArrivingImages {
  /** The manifest of an image that is on its way to this repository; its bytes. */
  Optional<byte[]> manifest(String repository, Digest digest);

  /**
   * A blob's bytes from {@code offset} on, for the caller to close; reads wait for what is to come.
   *
   * @return nothing if no image with it is on its way to this repository
   */
  Optional<InputStream> blob(String repository, Digest digest, long offset) throws IOException;
}
