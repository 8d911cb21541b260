package dev.waybill.bench;

import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.RunRequest;
import dev.waybill.contracts.runner.v1.RunnerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The warm service as node-runner calls it: over one connection that stays. */
final class RunnerService implements AutoCloseable {
  private final EventLoopGroup loops = new EpollEventLoopGroup(1);
  private final ManagedChannel channel;
  private final RunnerGrpc.RunnerBlockingStub stub;

  RunnerService(Path socket) {
    this.channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loops)
            .channelType(EpollDomainSocketChannel.class)
            .usePlaintext()
            .build();
    this.stub = RunnerGrpc.newBlockingStub(channel);
  }

  /** Makes, starts, awaits and deletes a container; milliseconds of wall time. */
  double run(String id, Path bundle) {
    long begun = System.nanoTime();
    stub.run(
        RunRequest.newBuilder()
            .setContainer(CreateRequest.newBuilder().setId(id).setBundle(bundle.toString()))
            .build());
    return (System.nanoTime() - begun) / 1e6;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
