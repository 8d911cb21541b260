package dev.waybill.testkit.image;

import dev.waybill.kernel.Digest;
import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A layer as it is on its way.
 *
 * @param content packed
 * @param diffId digest of what unpacking gives
 * @param annotations that its manifest has about it
 */
record PackedLayer(byte[] content, Digest diffId, SortedMap<String, String> annotations) {
  PackedLayer {
    annotations = Collections.unmodifiableSortedMap(new TreeMap<>(annotations));
  }

  static PackedLayer plain(byte[] content, byte[] tar) {
    return new PackedLayer(content, Digest.of(tar), new TreeMap<>());
  }
}
