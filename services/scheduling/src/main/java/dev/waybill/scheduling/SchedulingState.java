package dev.waybill.scheduling;

import dev.waybill.contracts.container.TimerSet;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.image.ImageAnswer;
import dev.waybill.scheduling.node.Node;
import dev.waybill.scheduling.supply.Supply;
import dev.waybill.scheduling.workload.Workload;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * All that scheduling knows of a cell.
 *
 * @param workloads by namespace/name
 * @param containers by id
 * @param nodes by id
 * @param images by image request id
 * @param timers alarms that have not rung, by id
 * @param supply what the gate lets start
 */
public record SchedulingState(
    TreePMap<String, Workload> workloads,
    TreePMap<String, Container> containers,
    TreePMap<String, Node> nodes,
    TreePMap<String, ImageAnswer> images,
    TreePMap<String, TimerSet> timers,
    Supply supply) {

  /** A cell where nothing has happened. */
  public static final SchedulingState EMPTY =
      new SchedulingState(
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          Supply.OPEN);

  public Optional<Container> container(String id) {
    return Optional.ofNullable(containers.get(id));
  }

  public Optional<Workload> workload(String key) {
    return Optional.ofNullable(workloads.get(key));
  }

  /** The answer to a container's request, as far as the gate lets it count. */
  public ImageAnswer image(Container container) {
    ImageAnswer answer =
        images.getOrDefault(container.request().getImageRequestId(), ImageAnswer.PENDING);
    return answer.standing() == ImageAnswer.Standing.HERE
        ? supply.checked(container.request().getNamespace(), answer)
        : answer;
  }

  SchedulingState with(Workload workload) {
    return withWorkloads(workloads.plus(workload.key(), workload));
  }

  SchedulingState without(Workload workload) {
    return withWorkloads(workloads.minus(workload.key()));
  }

  private SchedulingState withWorkloads(TreePMap<String, Workload> changed) {
    return new SchedulingState(changed, containers, nodes, images, timers, supply);
  }

  SchedulingState with(Container container) {
    return withContainers(containers.plus(container.id(), container));
  }

  SchedulingState withoutContainer(String id) {
    return withContainers(containers.minus(id));
  }

  private SchedulingState withContainers(TreePMap<String, Container> changed) {
    return new SchedulingState(workloads, changed, nodes, images, timers, supply);
  }

  SchedulingState with(Node node) {
    return new SchedulingState(
        workloads, containers, nodes.plus(node.id(), node), images, timers, supply);
  }

  SchedulingState withImage(String requestId, @Nullable ImageAnswer answer) {
    TreePMap<String, ImageAnswer> changed =
        answer == null ? images.minus(requestId) : images.plus(requestId, answer);
    return new SchedulingState(workloads, containers, nodes, changed, timers, supply);
  }

  SchedulingState withTimer(TimerSet timer) {
    return new SchedulingState(
        workloads, containers, nodes, images, timers.plus(timer.getTimerId(), timer), supply);
  }

  SchedulingState withoutTimer(String timerId) {
    return new SchedulingState(workloads, containers, nodes, images, timers.minus(timerId), supply);
  }

  SchedulingState with(Supply changed) {
    return new SchedulingState(workloads, containers, nodes, images, timers, changed);
  }
}
