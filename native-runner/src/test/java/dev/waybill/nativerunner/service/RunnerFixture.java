package dev.waybill.nativerunner.service;

import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.DeleteRequest;
import dev.waybill.contracts.runner.v1.ListRequest;
import dev.waybill.contracts.runner.v1.RunnerGrpc;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A service in this process and a client of it; closing it deletes every container. */
final class RunnerFixture implements AutoCloseable {
  private final Path dir;
  private RunnerServer server;
  private final EpollEventLoopGroup loops = new EpollEventLoopGroup(1);
  private ManagedChannel channel;

  RunnerFixture() throws IOException {
    dir = Files.createTempDirectory("wb");
    startService();
  }

  void startService() throws IOException {
    server =
        RunnerServer.start(
            new RunnerServer.Options(
                dir.resolve("r"), dir.resolve("api.sock"), -1, Path.of("bin/waybill-runner")));
    channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(dir.resolve("api.sock").toFile()))
            .channelType(EpollDomainSocketChannel.class)
            .eventLoopGroup(loops)
            .usePlaintext()
            .build();
  }

  /** Ends the service and starts another on the same directory. */
  void restart() throws IOException {
    stopService();
    startService();
  }

  void stopService() throws IOException {
    channel.shutdownNow();
    server.close();
  }

  RunnerGrpc.RunnerBlockingStub api() {
    return RunnerGrpc.newBlockingStub(channel);
  }

  ManagedChannel channel() {
    return channel;
  }

  Path dir() {
    return dir;
  }

  TestBundle bundle(String name) throws IOException {
    return TestBundle.in(dir, name);
  }

  Path log(String id) {
    return dir.resolve(id + ".log");
  }

  CreateResponse create(String id, TestBundle bundle) throws IOException {
    return api()
        .create(
            CreateRequest.newBuilder()
                .setId(id)
                .setBundle(bundle.write())
                .setLogPath(log(id).toString())
                .build());
  }

  /** Creates, starts, waits; the log and the exit. */
  Ran run(String id, TestBundle bundle) throws IOException {
    api()
        .create(
            CreateRequest.newBuilder()
                .setId(id)
                .setBundle(bundle.write())
                .setLogPath(log(id).toString())
                .setStart(true)
                .build());
    return new Ran(await(id), logLines(id));
  }

  /** How a container went. */
  record Ran(WaitExitResponse exit, List<String> log) {
    /** What it wrote, without the log's columns. */
    String text() {
      return String.join("\n", log.stream().map(Ran::content).toList());
    }

    private static String content(String line) {
      return line.split(" ", 4)[3];
    }
  }

  ContainerState state(String id) {
    return api().state(StateRequest.newBuilder().setId(id).build());
  }

  WaitExitResponse await(String id) {
    return api().waitExit(WaitExitRequest.newBuilder().setId(id).setTimeoutMs(20_000).build());
  }

  List<String> logLines(String id) throws IOException {
    return Files.readAllLines(log(id));
  }

  void delete(String id) {
    api().delete(DeleteRequest.newBuilder().setId(id).setForce(true).build());
  }

  @Override
  public void close() throws IOException {
    api()
        .list(ListRequest.getDefaultInstance())
        .getContainersList()
        .forEach(c -> delete(c.getId()));
    channel.shutdownNow();
    server.close();
    loops.shutdownGracefully();
    new StateDir(dir).remove();
  }
}
