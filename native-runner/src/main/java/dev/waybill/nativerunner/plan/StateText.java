package dev.waybill.nativerunner.plan;

import dev.waybill.oci.runtime.Spec;
import java.util.stream.Collectors;

/**
 * The state of a container as JSON, for hooks and for the listener of its seccomp filter.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/runtime.md">runtime-spec
 *     1.2, state</a>
 */
final class StateText {
  /** Stands where the executor puts the process id, which nobody knows before; JSON has no such. */
  static final char PID = '\u001a';

  private StateText() {}

  static String of(Launch launch, String status) {
    Spec spec = launch.spec();
    String annotations =
        spec.annotations().entrySet().stream()
            .map(e -> PlanText.string(e.getKey()) + ":" + PlanText.string(e.getValue()))
            .collect(Collectors.joining(",", "{", "}"));
    return "{\"ociVersion\":%s,\"id\":%s,\"status\":%s,\"pid\":%s,\"bundle\":%s,\"annotations\":%s}"
        .formatted(
            PlanText.string(spec.ociVersion()),
            PlanText.string(launch.id()),
            PlanText.string(status),
            PID,
            PlanText.string(launch.bundle()),
            annotations);
  }

  /** What the listener of a filter is told along with its descriptor. */
  static String ofListener(Launch launch, String status, String metadata) {
    return "{\"ociVersion\":%s,\"fds\":[\"seccompFd\"],\"pid\":%s,\"metadata\":%s,\"state\":%s}"
        .formatted(
            PlanText.string(launch.spec().ociVersion()),
            PID,
            PlanText.string(metadata),
            of(launch, status));
  }
}
