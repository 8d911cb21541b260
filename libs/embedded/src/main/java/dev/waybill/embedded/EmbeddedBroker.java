package dev.waybill.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Properties;
import kafka.server.KafkaConfig;
import kafka.server.KafkaRaftServer;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.utils.Time;
import org.apache.kafka.metadata.storage.Formatter;
import org.apache.kafka.server.common.MetadataVersion;

/**
 * A KRaft broker and controller in this JVM, one node, on loopback; its directory is formatted at
 * the first start and kept.
 *
 * <p>Records survive the end of the process at any moment: they are in the page cache when an
 * append is acknowledged. They survive the end of the machine from the kernel's next write-back on.
 */
public final class EmbeddedBroker implements AutoCloseable {
  private static final int NODE_ID = 1;

  private final KafkaRaftServer server;
  private final String bootstrap;

  private EmbeddedBroker(KafkaRaftServer server, String bootstrap) {
    this.server = server;
    this.bootstrap = bootstrap;
  }

  /** Starts on a free port, with its data below {@code directory}; returns when it serves. */
  public static EmbeddedBroker start(Path directory) {
    return start(directory, 0);
  }

  /** Starts on {@code port} (0: a free one). */
  public static EmbeddedBroker start(Path directory, int port) {
    int brokerPort = port == 0 ? freePort() : port;
    Properties properties = properties(directory, brokerPort, freePort());
    format(directory);
    var server = new KafkaRaftServer(new KafkaConfig(properties), Time.SYSTEM);
    server.startup();
    return new EmbeddedBroker(server, "127.0.0.1:" + brokerPort);
  }

  private static Properties properties(Path directory, int brokerPort, int controllerPort) {
    var p = new Properties();
    p.put("process.roles", "broker,controller");
    p.put("node.id", Integer.toString(NODE_ID));
    p.put("controller.quorum.voters", NODE_ID + "@127.0.0.1:" + controllerPort);
    p.put(
        "listeners",
        "BROKER://127.0.0.1:" + brokerPort + ",CONTROLLER://127.0.0.1:" + controllerPort);
    p.put("listener.security.protocol.map", "BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT");
    p.put("controller.listener.names", "CONTROLLER");
    p.put("inter.broker.listener.name", "BROKER");
    p.put("log.dirs", directory.toString());
    p.put("auto.create.topics.enable", "false");
    p.put("offsets.topic.replication.factor", "1");
    p.put("offsets.topic.num.partitions", "1");
    p.put("transaction.state.log.replication.factor", "1");
    p.put("transaction.state.log.num.partitions", "4");
    p.put("transaction.state.log.min.isr", "1");
    p.put("share.coordinator.state.topic.replication.factor", "1");
    p.put("share.coordinator.state.topic.min.isr", "1");
    p.put("group.initial.rebalance.delay.ms", "0");
    // After kill -9 the controller keeps the old registration for this long: 9 s by default.
    p.put("broker.session.timeout.ms", "2000");
    p.put("broker.heartbeat.interval.ms", "500");
    // A transaction that begins while the markers of the one before are still being written waits
    // for this long in the broker, once or more often: 20 ms by default, longer than a whole
    // append.
    p.put("add.partitions.to.txn.retry.backoff.ms", "1");
    p.put("log.cleaner.dedupe.buffer.size", Integer.toString(4 * 1024 * 1024));
    p.put("num.io.threads", "4");
    p.put("num.network.threads", "2");
    p.put("background.threads", "2");
    return p;
  }

  private static void format(Path directory) {
    try {
      Files.createDirectories(directory);
      if (Files.exists(directory.resolve("meta.properties"))) {
        return;
      }
      var formatter = new Formatter();
      formatter
          .setClusterId(Uuid.randomUuid().toString())
          .setNodeId(NODE_ID)
          .setControllerListenerName("CONTROLLER")
          .setMetadataLogDirectory(directory.toString())
          .setReleaseVersion(MetadataVersion.latestProduction())
          .setIgnoreFormatted(true);
      formatter.addDirectory(directory.toString());
      formatter.run();
    } catch (Exception e) {
      throw new IllegalStateException("cannot format the broker's directory " + directory, e);
    }
  }

  /** Host and port for clients. */
  public String bootstrap() {
    return bootstrap;
  }

  /** Ends in order; in-flight requests are answered first. */
  @Override
  public void close() {
    server.shutdown();
    server.awaitShutdown();
  }

  /** A TCP port on loopback that was free a moment ago. */
  public static int freePort() {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException("no free port on loopback", e);
    }
  }
}
