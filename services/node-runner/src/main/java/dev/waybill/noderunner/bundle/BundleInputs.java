package dev.waybill.noderunner.bundle;

import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.noderunner.graph.Root;
import dev.waybill.oci.image.ContainerConfig;
import dev.waybill.oci.runtime.Spec;
import java.nio.file.Path;
import java.util.List;

/**
 * All that a bundle is made of.
 *
 * @param run what the container is to be
 * @param image the image's own wishes
 * @param root what its root is made of
 * @param passwd text of the image's /etc/passwd, empty if it has none
 * @param group text of the image's /etc/group, empty if it has none
 * @param network how it is connected
 * @param files files that the node provides, by path inside the container
 * @param mounts volumes and the like, resolved
 * @param cgroupParent the cgroup below which the node's containers are
 */
public record BundleInputs(
    RunAssigned run,
    ContainerConfig image,
    Root root,
    String passwd,
    String group,
    Network network,
    List<ProvidedFile> files,
    List<Spec.Mount> mounts,
    String cgroupParent) {

  /** A file of the node that the container sees at {@code target}. */
  public record ProvidedFile(Path source, String target) {}

  /** How a container is connected. */
  public sealed interface Network {
    /** In a namespace of its own that is wired already. */
    record Joined(String netnsPath) implements Network {}

    /** In a namespace of its own with loopback only. */
    record Isolated() implements Network {}

    /** In the node's namespace. */
    record Host() implements Network {}
  }
}
