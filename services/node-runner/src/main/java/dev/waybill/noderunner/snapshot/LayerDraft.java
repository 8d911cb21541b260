package dev.waybill.noderunner.snapshot;

import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.layer.TreeRemoval;
import java.io.IOException;
import java.nio.file.Path;

/** A layer that is being unpacked. */
public final class LayerDraft implements AutoCloseable {
  private final LayerStore store;
  private final Path directory;

  LayerDraft(LayerStore store, Path directory) {
    this.store = store;
    this.directory = directory;
  }

  /** Where to unpack it; empty at first. */
  public Path directory() {
    return directory;
  }

  /** Makes it a layer of this host. */
  public void commit(Digest diffId) throws IOException {
    store.publish(directory, diffId);
  }

  /** Removes what was unpacked unless it was committed. */
  @Override
  public void close() throws IOException {
    TreeRemoval.remove(directory);
  }
}
