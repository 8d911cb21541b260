package dev.waybill.fleet;

import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;

/** Who would miss an image: what runs from it, and what shall run from it at any moment. */
public final class ImageUse {
  private ImageUse() {}

  /**
   * The users of an image, in words; none if it may go.
   *
   * <p>A name may go while another one keeps the same digest. The digest itself is held by
   * containers that have not ended; a name is also held by workloads with replicas, which would ask
   * for it again.
   */
  public static List<String> of(Fleet fleet, String reference) {
    String name = ImageView.listedAs(reference);
    ImageView image = fleet.images().get(name);
    String digest = image == null ? "" : image.digest();
    boolean isKept =
        fleet.images().values().stream()
            .anyMatch(other -> other != image && other.digest().equals(digest));
    Stream<String> containers =
        fleet.containers().values().stream()
            .filter(container -> !container.status().isEnd())
            .filter(
                container ->
                    isNamed(name, container.request().getSpec().getImage())
                        || (!isKept
                            && !digest.isEmpty()
                            && Objects.equals(container.imageDigest(), digest)))
            .map(container -> "container " + container.name());
    Stream<String> workloads =
        fleet.workloads().values().stream()
            .filter(workload -> !workload.removed() && workload.replicas() > 0)
            .filter(workload -> isNamed(name, workload.applied().getSpec().getImage()))
            .map(workload -> "workload " + workload.applied().getName());
    return Stream.concat(containers, workloads).toList();
  }

  private static boolean isNamed(String name, String reference) {
    return ImageView.listedAs(reference).equals(name);
  }
}
