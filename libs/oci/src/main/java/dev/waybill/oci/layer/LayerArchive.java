package dev.waybill.oci.layer;

import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * A layer as a tar archive that depends on nothing but its entries: sorted by path, missing parent
 * directories added, hard links after everything they could point to.
 */
public final class LayerArchive {
  private LayerArchive() {}

  /**
   * Writes the entries; the stream stays open.
   *
   * @throws IllegalArgumentException if two entries have the same path
   */
  public static void write(Collection<LayerEntry> entries, OutputStream out) throws IOException {
    TarWriter tar = new TarWriter(out);
    for (LayerEntry entry : ordered(entries)) {
      tar.write(entry);
    }
    tar.finish();
  }

  private static List<LayerEntry> ordered(Collection<LayerEntry> entries) {
    Map<String, LayerEntry> files = new TreeMap<>();
    Map<String, LayerEntry> links = new TreeMap<>();
    for (LayerEntry entry : entries) {
      Map<String, LayerEntry> group = entry instanceof LayerEntry.HardLink ? links : files;
      if (group.put(entry.path(), entry) != null) {
        throw new IllegalArgumentException("two entries for the path '" + entry.path() + "'");
      }
    }
    for (LayerEntry entry : entries) {
      addParents(entry.path(), files);
    }
    List<LayerEntry> ordered = new ArrayList<>(files.values());
    ordered.addAll(links.values());
    return ordered;
  }

  private static void addParents(String path, Map<String, LayerEntry> files) {
    for (int slash = path.lastIndexOf('/'); slash > 0; slash = path.lastIndexOf('/', slash - 1)) {
      String parent = path.substring(0, slash);
      files.computeIfAbsent(parent, LayerEntry::directory);
    }
  }
}
