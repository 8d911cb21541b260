package dev.waybill.nativerunner.network;

import dev.waybill.contracts.runner.v1.AttachRequest;
import dev.waybill.contracts.runner.v1.AttachResponse;
import dev.waybill.contracts.runner.v1.Attachment;
import dev.waybill.contracts.runner.v1.Bridge;
import dev.waybill.contracts.runner.v1.DeleteBridgeRequest;
import dev.waybill.contracts.runner.v1.DeleteBridgeResponse;
import dev.waybill.contracts.runner.v1.DetachRequest;
import dev.waybill.contracts.runner.v1.DetachResponse;
import dev.waybill.contracts.runner.v1.EnsureBridgeRequest;
import dev.waybill.contracts.runner.v1.EnsureBridgeResponse;
import dev.waybill.contracts.runner.v1.ListNetworksRequest;
import dev.waybill.contracts.runner.v1.ListNetworksResponse;
import dev.waybill.contracts.runner.v1.NetworksGrpc;
import dev.waybill.contracts.runner.v1.RemoveAllRequest;
import dev.waybill.contracts.runner.v1.RemoveAllResponse;
import dev.waybill.contracts.runner.v1.SetPortMappingsRequest;
import dev.waybill.contracts.runner.v1.SetPortMappingsResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.logging.Level;
import java.util.logging.Logger;

/** The service Networks of the API. */
public final class NetworksEndpoint extends NetworksGrpc.NetworksImplBase {
  private static final Logger LOG = Logger.getLogger(NetworksEndpoint.class.getName());

  private final Networks networks;

  public NetworksEndpoint(Networks networks) {
    this.networks = networks;
  }

  private interface Work<T> {
    T run() throws IOException, NetworkException;
  }

  private static <T> void answer(StreamObserver<T> observer, Work<T> work) {
    T result;
    try {
      result = work.run();
    } catch (NetworkException e) {
      Status status = e.isMissing() ? Status.NOT_FOUND : Status.FAILED_PRECONDITION;
      observer.onError(status.withDescription(e.message()).asRuntimeException());
      return;
    } catch (IllegalArgumentException e) {
      observer.onError(
          Status.INVALID_ARGUMENT.withDescription(e.getMessage()).asRuntimeException());
      return;
    } catch (IOException e) {
      LOG.log(Level.WARNING, "network request failed", e);
      observer.onError(
          Status.FAILED_PRECONDITION.withDescription(e.getMessage()).asRuntimeException());
      return;
    } catch (RuntimeException e) {
      LOG.log(Level.SEVERE, "network request failed by a bug", e);
      observer.onError(Status.INTERNAL.withDescription(e.toString()).asRuntimeException());
      return;
    }
    observer.onNext(result);
    observer.onCompleted();
  }

  @Override
  public void ensureBridge(
      EnsureBridgeRequest request, StreamObserver<EnsureBridgeResponse> observer) {
    answer(
        observer,
        () ->
            EnsureBridgeResponse.newBuilder()
                .setIndex(
                    networks.ensureBridge(
                        request.getName(),
                        request.getGateway(),
                        request.getMtu(),
                        request.getMasquerade(),
                        request.getInternal()))
                .build());
  }

  @Override
  public void attach(AttachRequest request, StreamObserver<AttachResponse> observer) {
    answer(
        observer,
        () -> {
          Networks.Attached attached =
              networks.attach(
                  request.getContainerId(),
                  request.getBridge(),
                  request.getAddress(),
                  request.getGateway(),
                  request.getMac(),
                  request.getInterfaceName());
          return AttachResponse.newBuilder()
              .setNetnsPath(attached.namespace().toString())
              .setInterfaceName(attached.interfaceName())
              .setMac(attached.mac())
              .build();
        });
  }

  @Override
  public void detach(DetachRequest request, StreamObserver<DetachResponse> observer) {
    answer(
        observer,
        () ->
            DetachResponse.newBuilder()
                .setExisted(networks.detach(request.getContainerId(), request.getBridge()))
                .build());
  }

  @Override
  public void setPortMappings(
      SetPortMappingsRequest request, StreamObserver<SetPortMappingsResponse> observer) {
    answer(
        observer,
        () -> {
          networks.setPorts(
              request.getMappingsList().stream()
                  .map(
                      m ->
                          new PublishedPort(
                              m.getHostIp(),
                              m.getHostPort(),
                              Protocol.parse(m.getProtocol()),
                              m.getContainerIp(),
                              m.getContainerPort()))
                  .toList());
          return SetPortMappingsResponse.getDefaultInstance();
        });
  }

  @Override
  public void deleteBridge(
      DeleteBridgeRequest request, StreamObserver<DeleteBridgeResponse> observer) {
    answer(
        observer,
        () ->
            DeleteBridgeResponse.newBuilder()
                .setExisted(networks.deleteBridge(request.getName()))
                .build());
  }

  @Override
  public void removeAll(RemoveAllRequest request, StreamObserver<RemoveAllResponse> observer) {
    answer(
        observer,
        () -> {
          networks.removeAll();
          return RemoveAllResponse.getDefaultInstance();
        });
  }

  @Override
  public void listNetworks(
      ListNetworksRequest request, StreamObserver<ListNetworksResponse> observer) {
    answer(observer, this::list);
  }

  private ListNetworksResponse list() {
    NetworkState state = networks.state();
    ListNetworksResponse.Builder response = ListNetworksResponse.newBuilder();
    for (BridgeNetwork b : state.bridges()) {
      response.addBridges(
          Bridge.newBuilder()
              .setName(b.name())
              .setGateway(b.gateway())
              .setMasquerade(b.masquerade()));
    }
    for (NetworkState.Attachment a : state.attachments()) {
      response.addAttachments(
          Attachment.newBuilder()
              .setContainerId(a.container())
              .setNetnsPath(networks.namespace(a.container()).toString())
              .setBridge(a.bridge())
              .setAddress(a.address())
              .setInterfaceName(a.interfaceName()));
    }
    return response.build();
  }
}
