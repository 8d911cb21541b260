package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ArrivingImages;
import java.io.IOException;
import java.io.InputStream;
import java.util.Optional;

/**
 * What arrives in this process, and from the registry what does not: a layer's bytes need not go
 * through sockets to come from one file of this host to others.
 */
public record NearbyImageSource(ArrivingImages nearby, ImageSource registry)
    implements ImageSource {
  @Override
  public byte[] manifest(String repository, Digest digest, int bytesMax) throws IOException {
    Optional<byte[]> here =
        nearby.manifest(repository, digest).filter(document -> document.length <= bytesMax);
    return here.isPresent() ? here.get() : registry.manifest(repository, digest, bytesMax);
  }

  @Override
  public InputStream blob(String repository, Digest digest, long offset) throws IOException {
    Optional<InputStream> here = nearby.blob(repository, digest, offset);
    return here.isPresent() ? here.get() : registry.blob(repository, digest, offset);
  }
}
