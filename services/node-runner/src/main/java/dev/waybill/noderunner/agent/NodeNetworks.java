package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.runner.v1.AttachRequest;
import dev.waybill.contracts.runner.v1.Attachment;
import dev.waybill.contracts.runner.v1.DetachRequest;
import dev.waybill.contracts.runner.v1.EnsureBridgeRequest;
import dev.waybill.contracts.runner.v1.ListNetworksRequest;
import dev.waybill.kernel.Digest;
import dev.waybill.noderunner.dns.DnsServer;
import dev.waybill.noderunner.runner.RunnerClient;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/** This node's end of the networks: a bridge for each, and containers on it. */
final class NodeNetworks {
  private final RunnerClient runner;
  private final DnsServer dns;
  private final String instance;
  private final Set<String> bridged = new HashSet<>();

  NodeNetworks(RunnerClient runner, DnsServer dns, String instance) {
    this.runner = runner;
    this.dns = dns;
    this.instance = instance;
  }

  /** Connects a container; gives the path of its network namespace. Repeating it is harmless. */
  String attach(AttachAssigned attach) throws IOException {
    String prefix = attach.getSubnet().substring(attach.getSubnet().indexOf('/'));
    String bridge = bridgeName(attach.getNetwork());
    ensureBridge(bridge, attach, prefix);
    try {
      return runner
          .networks()
          .attach(
              AttachRequest.newBuilder()
                  .setContainerId(attach.getContainerId())
                  .setBridge(bridge)
                  .setAddress(attach.getAddress() + prefix)
                  .setGateway(attach.getGateway())
                  .build())
          .getNetnsPath();
    } catch (StatusRuntimeException e) {
      // Attached before a kill of this process: it is as it should be.
      return attachedBefore(attach.getContainerId(), bridge).orElseThrow(() -> e);
    }
  }

  private Optional<String> attachedBefore(String containerId, String bridge) {
    return runner
        .networks()
        .listNetworks(ListNetworksRequest.getDefaultInstance())
        .getAttachmentsList()
        .stream()
        .filter(a -> a.getContainerId().equals(containerId) && a.getBridge().equals(bridge))
        .map(Attachment::getNetnsPath)
        .findFirst();
  }

  private synchronized void ensureBridge(String bridge, AttachAssigned attach, String prefix)
      throws IOException {
    if (!bridged.add(bridge)) {
      return;
    }
    try {
      runner
          .networks()
          .ensureBridge(
              EnsureBridgeRequest.newBuilder()
                  .setName(bridge)
                  .setGateway(attach.getGateway() + prefix)
                  .setMasquerade(true)
                  .build());
      dns.listen(attach.getNetwork(), attach.getGateway());
    } catch (IOException | RuntimeException e) {
      bridged.remove(bridge);
      throw e;
    }
  }

  /** Link names have 15 characters at most, so a network's name is in it as a hash. */
  private String bridgeName(String network) {
    String hash = Digest.of(network.getBytes(StandardCharsets.UTF_8)).hex().substring(0, 5);
    return "wb" + instance.substring(0, 6) + hash;
  }

  void detach(String containerId) {
    runner.networks().detach(DetachRequest.newBuilder().setContainerId(containerId).build());
  }
}
