package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.cli.CompilerSocket;
import dev.waybill.nativerunner.cli.PlanDesk;
import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.network.Networks;
import dev.waybill.nativerunner.network.NetworksEndpoint;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.Kernel;
import dev.waybill.nativerunner.sys.LinuxKernel;
import dev.waybill.nativerunner.sys.ReadyNetworks;
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
import java.util.logging.Level;
import java.util.logging.Logger;

/** The running service: everything is open after {@link #start} and closed by {@link #close}. */
public final class RunnerServer implements AutoCloseable {
  private static final Logger NETTY = Logger.getLogger("io.netty.bootstrap");
  private static final int THREADS = 32;
  private static final long DRAIN_MS = 2_000;

  /** As many as may be launched at once on a small host before one has to wait for the clone. */
  private static final int NETWORKS_READY = 4;

  private final Executor executor;
  private final ReadyNetworks networks;
  private final Kernel.ExitWatch watch;
  private final ExecutorService threads;
  private final EpollEventLoopGroup loops;
  private final Server server;
  private final CompilerSocket compiler;
  private final Containers containers;
  private final Path socket;

  private RunnerServer(
      Executor executor,
      ReadyNetworks networks,
      Kernel.ExitWatch watch,
      ExecutorService threads,
      EpollEventLoopGroup loops,
      Server server,
      CompilerSocket compiler,
      Containers containers,
      Path socket) {
    this.executor = executor;
    this.networks = networks;
    this.watch = watch;
    this.threads = threads;
    this.loops = loops;
    this.server = server;
    this.compiler = compiler;
    this.containers = containers;
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
    // It warns of an option that unix sockets don't have, once for each server.
    NETTY.setLevel(Level.SEVERE);
    Kernel kernel = new LinuxKernel();
    HostFacts facts = HostFactsReader.read();
    ReadyNetworks networks =
        facts.has(Capability.SYS_ADMIN) ? ReadyNetworks.keep(NETWORKS_READY) : ReadyNetworks.none();
    Executor executor = Executor.load(kernel, options.binary(), networks);
    Kernel.ExitWatch watch = kernel.exitWatch();
    Host host = new Host(facts, kernel, executor, watch, Clock.host(), options.uid());
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
            .addService(new RunnerEndpoint(options.root(), host, containers, threads))
            .addService(new NetworksEndpoint(Networks.open(options.root())))
            .build()
            .start();
    // Everybody may connect; the check then looks at who it is.
    Files.setPosixFilePermissions(options.socket(), PosixFilePermissions.fromString("rw-rw-rw-"));
    CompilerSocket compiler =
        CompilerSocket.open(options.root().resolve("compiler.sock"), new PlanDesk(facts), networks);
    return new RunnerServer(
        executor, networks, watch, threads, loops, server, compiler, containers, options.socket());
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
    networks.close();
    containers.removeEmptyCgroupParents();
    Files.deleteIfExists(socket);
  }
}
