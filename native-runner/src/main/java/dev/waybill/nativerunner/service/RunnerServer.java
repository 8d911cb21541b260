package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.cli.CompilerSocket;
import dev.waybill.nativerunner.cli.PlanDesk;
import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.network.Networks;
import dev.waybill.nativerunner.network.NetworksEndpoint;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.Kernel;
import dev.waybill.nativerunner.sys.LinuxKernel;
import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.epoll.EpollServerDomainSocketChannel;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** The running service: everything is open after {@link #start} and closed by {@link #close}. */
public final class RunnerServer implements AutoCloseable {
  private static final int THREADS = 32;
  private static final long DRAIN_MS = 2_000;

  private final Executor executor;
  private final Kernel.ExitWatch watch;
  private final ExecutorService threads;
  private final EpollEventLoopGroup loops;
  private final Server server;
  private final CompilerSocket compiler;
  private final Path socket;

  private RunnerServer(
      Executor executor,
      Kernel.ExitWatch watch,
      ExecutorService threads,
      EpollEventLoopGroup loops,
      Server server,
      CompilerSocket compiler,
      Path socket) {
    this.executor = executor;
    this.watch = watch;
    this.threads = threads;
    this.loops = loops;
    this.server = server;
    this.compiler = compiler;
    this.socket = socket;
  }

  /**
   * What the service is started with.
   *
   * @param root its state directory; made if missing
   * @param socket where the API is served
   * @param uid a user besides root that may use the API; -1 for none
   * @param binary the executor
   */
  public record Options(Path root, Path socket, int uid, Path binary) {}

  /** Finds the containers of an earlier service, then begins to serve. */
  public static RunnerServer start(Options options) throws IOException {
    Files.createDirectories(
        options.root(),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    Kernel kernel = new LinuxKernel();
    Executor executor = Executor.load(kernel, options.binary());
    Kernel.ExitWatch watch = kernel.exitWatch();
    Host host =
        new Host(HostFactsReader.read(), kernel, executor, watch, Clock.host(), options.uid());
    Containers containers = new Containers(options.root(), host);
    new Recovery(options.root(), containers, host).recover();
    // Blocking calls into C hold their thread, so these are platform threads.
    ExecutorService threads = Executors.newFixedThreadPool(THREADS, daemon());
    EpollEventLoopGroup loops = new EpollEventLoopGroup(2);
    Files.deleteIfExists(options.socket());
    PeerCheck check = new PeerCheck(options.uid());
    Server server =
        NettyServerBuilder.forAddress(new DomainSocketAddress(options.socket().toFile()))
            .channelFactory(() -> listening(check))
            .bossEventLoopGroup(loops)
            .workerEventLoopGroup(loops)
            .executor(threads)
            .addService(new RunnerEndpoint(options.root(), host, containers))
            .addService(new NetworksEndpoint(Networks.open(options.root())))
            .build()
            .start();
    // Everybody may connect; the check then looks at who it is.
    Files.setPosixFilePermissions(options.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
    CompilerSocket compiler =
        CompilerSocket.open(options.root().resolve("compiler.sock"), new PlanDesk(host.facts()));
    return new RunnerServer(executor, watch, threads, loops, server, compiler, options.socket());
  }

  /** A listening channel that shows every connection to the check first. */
  private static EpollServerDomainSocketChannel listening(PeerCheck check) {
    EpollServerDomainSocketChannel channel = new EpollServerDomainSocketChannel();
    channel.pipeline().addLast(check);
    return channel;
  }

  private static java.util.concurrent.ThreadFactory daemon() {
    return Thread.ofPlatform().daemon().name("runner-", 0).factory();
  }

  /** Lets {@link #awaitTermination} return. */
  void shutdown() {
    server.shutdown();
  }

  /** Blocks until the server has ended. */
  public void awaitTermination() throws InterruptedException {
    server.awaitTermination();
  }

  /** Stops serving. Containers go on. */
  @Override
  public void close() throws IOException {
    compiler.close();
    server.shutdown();
    try {
      if (!server.awaitTermination(DRAIN_MS, TimeUnit.MILLISECONDS)) {
        server.shutdownNow();
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    }
    loops.shutdownGracefully(0, DRAIN_MS, TimeUnit.MILLISECONDS).awaitUninterruptibly(DRAIN_MS);
    threads.shutdownNow();
    watch.close();
    executor.close();
    Files.deleteIfExists(socket);
  }
}
