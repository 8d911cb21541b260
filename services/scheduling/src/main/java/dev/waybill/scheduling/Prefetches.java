package dev.waybill.scheduling;

import dev.waybill.contracts.assignment.PrefetchAssigned;
import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.image.ImageArriving;
import dev.waybill.scheduling.container.Container;
import dev.waybill.scheduling.container.Phase;
import dev.waybill.scheduling.image.ImageAnswer;
import dev.waybill.scheduling.placement.Placer;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;

/**
 * Lets the nodes that will probably run an image fetch it while it arrives. A guess: nothing is
 * placed by it, and a node that guessed wrong has an image in its cache that it may let go.
 */
final class Prefetches {
  /** Placing is work for each node and container; more replicas than these seldom say more. */
  private static final int CONTAINERS_MAX = 64;

  private Prefetches() {}

  static void assign(Turn turn, ImageArriving arriving) {
    SortedSet<String> nodes = likelyNodes(turn.state(), arriving);
    ImageAnswer known = turn.state().images().get(arriving.getRequestId());
    if (known != null) {
      nodes.removeAll(known.prefetching());
    }
    for (String node : nodes) {
      turn.decide(
          PrefetchAssigned.newBuilder()
              .setNodeId(node)
              .setImageDigest(arriving.getDigest())
              .setImageRepository(arriving.getRepository())
              .setImageRequestId(arriving.getRequestId())
              .build());
    }
  }

  /** Where the containers that wait would go if they were placed now, one after another. */
  private static SortedSet<String> likelyNodes(SchedulingState state, ImageArriving arriving) {
    SortedSet<String> nodes = new TreeSet<>();
    List<Container> waiting =
        state.containers().values().stream()
            .filter(container -> waits(state, container, arriving))
            .limit(CONTAINERS_MAX)
            .toList();
    SchedulingState supposed = state;
    for (Container container : waiting) {
      Placer.Verdict verdict = Containers.verdict(supposed, container, List.copyOf(nodes));
      if (!verdict.candidates().isEmpty()) {
        String node = verdict.candidates().getFirst().getNodeId();
        supposed = supposed.with(container.scheduled(node, arriving.getDigest()));
        nodes.add(node);
      }
    }
    return nodes;
  }

  private static boolean waits(SchedulingState state, Container container, ImageArriving arriving) {
    if (container.phase() != Phase.WAITING
        || container.stopAsked()
        || container.removeAsked()
        || !container.request().getImageRequestId().equals(arriving.getRequestId())) {
      return false;
    }
    ImageAnswer supposed =
        ImageAnswer.here(
            arriving.getDigest(),
            arriving.getDigest(),
            GateScope.repositoryOf(arriving.getReference()),
            arriving.getRepository());
    // A verdict may still come; what is denied or recalled never starts.
    return state.supply().checked(container.request().getNamespace(), supposed).standing()
        != ImageAnswer.Standing.REFUSED;
  }
}
