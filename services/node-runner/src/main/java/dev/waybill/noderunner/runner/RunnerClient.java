package dev.waybill.noderunner.runner;

import dev.waybill.contracts.runner.v1.NetworksGrpc;
import dev.waybill.contracts.runner.v1.RunnerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** A connection that comes back by itself when native-runner does. Safe for many threads. */
public final class RunnerClient implements AutoCloseable {
  private static final Duration DEADLINE = Duration.ofSeconds(30);
  private static final int MESSAGE_BYTES_MAX = 16 * 1024 * 1024;
  private static final Metadata.Key<String> EXIT_CODE =
      Metadata.Key.of("waybill-exit-code", Metadata.ASCII_STRING_MARSHALLER);

  private final EventLoopGroup loops;
  private final ManagedChannel channel;

  public RunnerClient(Path socket) {
    this.loops = new EpollEventLoopGroup(1);
    this.channel =
        NettyChannelBuilder.forAddress(new DomainSocketAddress(socket.toFile()))
            .eventLoopGroup(loops)
            .channelType(EpollDomainSocketChannel.class)
            .maxInboundMessageSize(MESSAGE_BYTES_MAX)
            .usePlaintext()
            .build();
  }

  /** Calls with a deadline that waits out a restart of native-runner. */
  public RunnerGrpc.RunnerBlockingStub containers() {
    return RunnerGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** Calls without a deadline, for waiting on something that may take days. */
  public RunnerGrpc.RunnerBlockingStub waiting() {
    return RunnerGrpc.newBlockingStub(channel).withWaitForReady();
  }

  public NetworksGrpc.NetworksBlockingStub networks() {
    return NetworksGrpc.newBlockingStub(channel)
        .withWaitForReady()
        .withDeadlineAfter(DEADLINE.toMillis(), TimeUnit.MILLISECONDS);
  }

  /** The exit code of a program that could not be executed: 126 or 127. */
  public static OptionalInt exitCode(StatusRuntimeException refusal) {
    Metadata trailers = refusal.getTrailers();
    String code = trailers == null ? null : trailers.get(EXIT_CODE);
    return code == null ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(code));
  }

  /** What a refusal says, one line. */
  public static String message(StatusRuntimeException refusal) {
    String description = refusal.getStatus().getDescription();
    return description == null ? refusal.getStatus().getCode().toString() : description;
  }

  @Override
  public void close() {
    channel.shutdownNow();
    loops.shutdownGracefully(0, 1, TimeUnit.SECONDS);
  }
}
