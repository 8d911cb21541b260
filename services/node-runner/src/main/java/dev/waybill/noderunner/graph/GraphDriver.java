package dev.waybill.noderunner.graph;

import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/**
 * One way to make a root of layers and of what a container writes. {@code home} is the directory of
 * one container, {@code lower} are the directories of its layers, top first; layers are never
 * written to.
 *
 * <p>A container's life: {@link #make} once, in a directory that has another name yet; then any
 * number of times {@link #mount}, a run, {@link #unmount}; then its directory is removed. Calls for
 * one container don't overlap.
 */
public interface GraphDriver {
  /** Which way this is. */
  GraphKind kind();

  /**
   * Fills the directory of a new container. It gets its name afterwards, so nothing in it may say
   * where it is. What is there when this fails, or the process dies, is removed by the caller.
   */
  void make(Path home, List<Path> lower) throws IOException;

  /** What native-runner is told. */
  Root root(Path home, List<Path> lower);

  /** Makes the root usable for a start; does nothing where it is. */
  default void mount(Path home, List<Path> lower) throws IOException {}

  /** Undoes {@link #mount}, whoever did it; nothing to undo is a success. */
  default void unmount(Path home) throws IOException {}

  /** Takes over what an earlier process mounted for a container that may run. */
  default void adopt(Path home) throws IOException {}

  /**
   * What the container wrote, as a layer. The same changes give the same entries with every driver,
   * as far as the driver can know them.
   *
   * @param mountPoints absolute paths inside at which something is mounted
   * @param notAfter later times of change are set back to this
   */
  List<LayerEntry> changes(Path home, List<Path> lower, Set<String> mountPoints, Instant notAfter)
      throws IOException;
}
