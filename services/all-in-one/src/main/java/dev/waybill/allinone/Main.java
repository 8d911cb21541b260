package dev.waybill.allinone;

import dev.waybill.cli.Waybill;
import dev.waybill.cli.warm.WarmServer;
import dev.waybill.embedded.EmbeddedBroker;
import dev.waybill.embedded.EmbeddedDatabase;
import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.quarkus.runtime.annotations.QuarkusMain;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.eclipse.microprofile.config.ConfigProvider;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Starts the embedded platform: what it stands on first and side by side, then the services.
 *
 * <p>Arguments: {@code --data DIR --port N --home DIR}. Prints one line when all is ready. With
 * {@code serve} as first argument it is {@link Serve} instead.
 */
@QuarkusMain
public class Main {
  private static final Logger LOG = Logger.getLogger(Main.class);
  private static final int USAGE = 2;

  /** Quarkus makes the application object itself, so what it needs waits here. */
  private static volatile @Nullable Base base;

  private static volatile int exitCode;

  /** What stands before the services start. */
  private record Base(DataDirectory data, Map<String, String> endpoints) {}

  private Main() {}

  /** What the launcher passes. */
  record Options(Path data, int port, Path home) {
    static Options parse(String... arguments) {
      Path data = Path.of("/var/lib/waybill");
      int port = 7700;
      Path home = Path.of("").toAbsolutePath();
      for (int i = 0; i + 1 < arguments.length; i += 2) {
        switch (arguments[i]) {
          case "--data" -> data = Path.of(arguments[i + 1]).toAbsolutePath();
          case "--port" -> port = Integer.parseInt(arguments[i + 1]);
          case "--home" -> home = Path.of(arguments[i + 1]).toAbsolutePath();
          default -> throw new IllegalArgumentException("unknown option " + arguments[i]);
        }
      }
      return new Options(data, port, home);
    }
  }

  /** Runs until SIGTERM. */
  public static void main(String... arguments) throws InterruptedException {
    if (arguments.length > 0 && arguments[0].equals("serve")) {
      Serve.main(List.of(arguments).subList(1, arguments.length));
      return;
    }
    var closed = new CountDownLatch(1);
    try (DataDirectory data = DataDirectory.open(Options.parse(arguments).data())) {
      // A signal ends the JVM when its hooks are done: this one waits for what main still closes.
      Runtime.getRuntime().addShutdownHook(new Thread(() -> awaitUninterruptibly(closed)));
      try {
        run(Options.parse(arguments), data);
      } finally {
        closed.countDown();
      }
    } catch (IllegalArgumentException | IllegalStateException e) {
      System.err.println("waybill up: " + e.getMessage());
      System.exit(USAGE);
    }
    // Threads of services that failed half-way must not keep a platform alive that isn't one.
    System.exit(exitCode);
  }

  /** Without this Quarkus would end the JVM before the broker and the database are closed. */
  private static void ended(int code, @Nullable Throwable error) {
    exitCode = code;
    if (error != null) {
      LOG.error("the services ended", error);
    }
  }

  private static void awaitUninterruptibly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void run(Options options, DataDirectory data) throws InterruptedException {
    Path runDirectory = data.runDirectory();
    // The first logger initialises the log manager; two threads that do so at once deadlock.
    LOG.debugf("starting on %s", data.root());
    var broker = CompletableFuture.supplyAsync(() -> EmbeddedBroker.start(data.part("kafka")));
    var database =
        CompletableFuture.supplyAsync(() -> EmbeddedDatabase.start(data.part("postgres")));
    try (RunnerProcess runner =
            RunnerProcess.start(
                options.home().resolve("native-runner"),
                runDirectory.resolve("runner"),
                data.part("native-runner.log"));
        EmbeddedBroker kafka = broker.join();
        EmbeddedDatabase postgres = database.join()) {
      runner.awaitReady();
      configure(options, data, runner, kafka, postgres);
      Map<String, String> endpoints = new LinkedHashMap<>();
      endpoints.put("kafka", kafka.bootstrap());
      endpoints.put("postgres", postgres.jdbcUrl());
      endpoints.put("token_file", data.part("admin.token").toString());
      endpoints.put("runner_socket", runner.socket().toString());
      endpoints.put("pid", Long.toString(ProcessHandle.current().pid()));
      base = new Base(data, endpoints);
      Quarkus.run(Ready.class, Main::ended);
    } finally {
      Endpoints.remove(data);
      HostTraces.sweep(data);
    }
  }

  private static void configure(
      Options options,
      DataDirectory data,
      RunnerProcess runner,
      EmbeddedBroker kafka,
      EmbeddedDatabase postgres) {
    set("quarkus.http.host", "127.0.0.1");
    set("quarkus.http.port", Integer.toString(options.port() == 0 ? freePort() : options.port()));
    set("quarkus.datasource.jdbc.url", postgres.jdbcUrl());
    set("quarkus.datasource.username", postgres.user());
    set("waybill.kafka.bootstrap-servers", kafka.bootstrap());
    set("waybill.platform-api.token-file", data.part("admin.token").toString());
    set("waybill.platform-api.data-directory", data.part("outbox").toString());
    set("waybill.platform-api.default-subnet", Subnets.free());
    set("waybill.image.data-directory", data.part("images").toString());
    set("waybill.image.token-file", data.part("admin.token").toString());
    set("waybill.image.certificates-directory", data.part("certs.d").toString());
    set("waybill.image.logins-file", data.part("logins.json").toString());
    set("waybill.image.logins-key-file", data.part("logins.key").toString());
    set("waybill.registry-sync.registry-token-file", data.part("admin.token").toString());
    set("waybill.registry-sync.certificates-directory", data.part("certs.d").toString());
    set("waybill.registry-sync.logins-file", data.part("logins.json").toString());
    set("waybill.registry-sync.logins-key-file", data.part("logins.key").toString());
    set("waybill.node-runner.data-directory", data.part("node").toString());
    set("waybill.node-runner.runner-socket", runner.socket().toString());
    set("waybill.node-runner.token-file", data.part("admin.token").toString());
    set("waybill.node-runner.instance", data.instance());
    createDirectory(data.part("outbox"));
  }

  /**
   * Chosen before the services start: several of them compare addresses with their own, and must
   * know it from the beginning.
   */
  private static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new IllegalStateException("no free port on the loopback address", e);
    }
  }

  private static void createDirectory(Path directory) {
    if (!directory.toFile().isDirectory() && !directory.toFile().mkdirs()) {
      throw new IllegalStateException("cannot make " + directory);
    }
  }

  private static void set(String key, String value) {
    System.setProperty(key, value);
  }

  /** Says that the services are up, and waits for the end. */
  public static class Ready implements QuarkusApplication {
    /** Commands start a JVM each where the socket's path is too long for the kernel. */
    private static @Nullable WarmServer takeCommands(Path socket) throws IOException {
      if (!WarmServer.canListen(socket)) {
        LOG.infof("commands will be slower: %s is too long for a socket", socket);
        return null;
      }
      return WarmServer.open(socket, Waybill::execute);
    }

    @Override
    public int run(String... arguments) {
      String port = ConfigProvider.getConfig().getValue("quarkus.http.port", String.class);
      String actual = System.getProperty("quarkus.http.port", port);
      Base started = Objects.requireNonNull(base, "started without its base");
      var all = new LinkedHashMap<String, String>();
      all.put("api", "http://127.0.0.1:" + actual);
      all.put("registry", "127.0.0.1:" + actual);
      all.putAll(started.endpoints());
      Endpoints.write(started.data(), all);
      try (WarmServer ignored = takeCommands(started.data().commandSocket())) {
        System.out.println("ready api=" + all.get("api") + " data=" + started.data().root());
        Quarkus.waitForExit();
      } catch (IOException e) {
        throw new UncheckedIOException("cannot take commands in " + started.data().root(), e);
      }
      return 0;
    }
  }
}
