package dev.waybill.noderunner.layer;

import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.oci.layer.TarWriter;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;

/** Archives with the entries a test wants, in the order it wants. */
final class Archives {
  private Archives() {}

  static byte[] of(LayerEntry... entries) {
    return of(List.of(entries));
  }

  static byte[] of(List<LayerEntry> entries) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    TarWriter tar = new TarWriter(out);
    try {
      for (LayerEntry entry : entries) {
        tar.write(entry);
      }
      tar.finish();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return out.toByteArray();
  }
}
