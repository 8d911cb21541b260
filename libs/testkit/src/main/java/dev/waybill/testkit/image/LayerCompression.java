package dev.waybill.testkit.image;

import com.github.luben.zstd.ZstdOutputStream;
import dev.waybill.oci.image.MediaTypes;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.util.zip.GZIPOutputStream;

/** How a layer is packed on its way. */
public enum LayerCompression {
  NONE(MediaTypes.OCI_LAYER_TAR, MediaTypes.DOCKER_LAYER_TAR),
  GZIP(MediaTypes.OCI_LAYER_GZIP, MediaTypes.DOCKER_LAYER_GZIP),
  /** Docker's schema never named zstd; clients send the OCI type there too. */
  ZSTD(MediaTypes.OCI_LAYER_ZSTD, MediaTypes.OCI_LAYER_ZSTD),
  /** Each content is a frame of its own, and a table of contents says where. */
  ZSTD_CHUNKED(MediaTypes.OCI_LAYER_ZSTD, MediaTypes.OCI_LAYER_ZSTD),
  /** eStargz: each content begins a gzip member of its own, and a table of contents says where. */
  STARGZ(MediaTypes.OCI_LAYER_GZIP, MediaTypes.DOCKER_LAYER_GZIP);

  private final String ociType;
  private final String dockerType;

  LayerCompression(String ociType, String dockerType) {
    this.ociType = ociType;
    this.dockerType = dockerType;
  }

  String mediaType(ImageFormat format) {
    return format == ImageFormat.OCI ? ociType : dockerType;
  }

  PackedLayer pack(byte[] tar) throws IOException {
    return switch (this) {
      case NONE, GZIP, ZSTD -> PackedLayer.plain(stream(tar), tar);
      case ZSTD_CHUNKED -> ChunkedLayer.zstd(tar);
      case STARGZ -> ChunkedLayer.stargz(tar);
    };
  }

  private byte[] stream(byte[] tar) throws IOException {
    ByteArrayOutputStream packed = new ByteArrayOutputStream();
    try (OutputStream out = packer(packed)) {
      out.write(tar);
    }
    return packed.toByteArray();
  }

  private OutputStream packer(OutputStream to) throws IOException {
    return switch (this) {
      case GZIP -> new GZIPOutputStream(to);
      case ZSTD -> new ZstdOutputStream(to);
      default -> to;
    };
  }
}
