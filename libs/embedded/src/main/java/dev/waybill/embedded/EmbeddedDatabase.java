package dev.waybill.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import javax.sql.DataSource;

/**
 * A PostgreSQL server as a child of this process, from packaged binaries, on loopback.
 *
 * <p>The child outlives a JVM that is killed: the next start on the same directory ends it first,
 * by the pid in {@code postmaster.pid}, and PostgreSQL then recovers from its own log.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private static final Logger LOG = System.getLogger(EmbeddedDatabase.class.getName());
  private static final Duration BETWEEN_TRIES = Duration.ofMillis(500);

  private final Path directory;
  private volatile EmbeddedPostgres postgres;
  private volatile boolean closing;

  private EmbeddedDatabase(Path directory, EmbeddedPostgres postgres) {
    this.directory = directory;
    this.postgres = postgres;
  }

  /** Starts on a free port with its data below {@code directory}; returns when it serves. */
  public static EmbeddedDatabase start(Path directory) {
    return start(directory, 0);
  }

  /** Starts on {@code port} (0: a free one). */
  public static EmbeddedDatabase start(Path directory, int port) {
    var database = new EmbeddedDatabase(directory, launch(directory, port));
    // The library's own hook ends the server when the JVM ends: that is no death to mend.
    Runtime.getRuntime().addShutdownHook(new Thread(() -> database.closing = true));
    database.watch();
    return database;
  }

  private static EmbeddedPostgres launch(Path directory, int port) {
    try {
      Files.createDirectories(directory);
      Path data = directory.resolve("data");
      endLeftover(data.resolve("postmaster.pid"));
      EmbeddedPostgres.Builder builder =
          EmbeddedPostgres.builder()
              .setDataDirectory(data)
              .setOverrideWorkingDirectory(directory.resolve("binaries").toFile())
              .setCleanDataDirectory(false)
              // The packaged defaults trade durability for test speed; we keep intent here.
              .setServerConfig("fsync", "on")
              .setServerConfig("synchronous_commit", "on")
              .setServerConfig("full_page_writes", "on")
              .setServerConfig("wal_level", "logical")
              .setServerConfig("max_replication_slots", "4")
              .setServerConfig("max_wal_senders", "4")
              .setServerConfig("shared_buffers", "32MB");
      if (port != 0) {
        builder.setPort(port);
      }
      return builder.start();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start PostgreSQL in " + directory, e);
    }
  }

  /** Starts another server on the same port and data when this one dies: clients just reconnect. */
  private void watch() {
    serverProcess(directory.resolve("data/postmaster.pid"))
        .ifPresent(process -> process.onExit().thenRunAsync(this::replace));
  }

  private void replace() {
    if (closing) {
      return;
    }
    LOG.log(Level.WARNING, "PostgreSQL in {0} died, starting another", directory);
    int port = postgres.getPort();
    // The dead server's children hold its shared memory for a moment.
    while (!replaceOnce(port)) {
      LockSupport.parkNanos(BETWEEN_TRIES.toNanos());
    }
  }

  private synchronized boolean replaceOnce(int port) {
    if (closing) {
      return true;
    }
    try {
      // Gives back the lock on the data directory; there is no process left to stop.
      postgres.close();
      postgres = launch(directory, port);
      watch();
      return true;
    } catch (IOException | UncheckedIOException | IllegalStateException e) {
      LOG.log(Level.WARNING, "PostgreSQL in " + directory + " doesn't start yet", e);
      return false;
    }
  }

  private static Optional<ProcessHandle> serverProcess(Path pidFile) {
    if (!Files.exists(pidFile)) {
      return Optional.empty();
    }
    try {
      List<String> lines = Files.readAllLines(pidFile);
      return ProcessHandle.of(Long.parseLong(lines.getFirst().trim()))
          .filter(process -> process.info().command().orElse("").endsWith("/postgres"));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read " + pidFile, e);
    }
  }

  private static void endLeftover(Path pidFile) throws IOException {
    Optional<ProcessHandle> leftover = serverProcess(pidFile);
    if (leftover.isPresent()) {
      leftover.get().destroy();
      leftover.get().onExit().join();
    }
    Files.deleteIfExists(pidFile);
  }

  /** The server's process now. */
  public Optional<ProcessHandle> process() {
    return serverProcess(directory.resolve("data/postmaster.pid"));
  }

  /** JDBC address of the database {@code postgres}. */
  public String jdbcUrl() {
    return "jdbc:postgresql://127.0.0.1:" + port() + "/postgres";
  }

  public int port() {
    return postgres.getPort();
  }

  /** The owner of everything in it; loopback connections are trusted. */
  public String user() {
    return "postgres";
  }

  public DataSource dataSource() {
    return postgres.getPostgresDatabase();
  }

  @Override
  public synchronized void close() {
    closing = true;
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop PostgreSQL", e);
    }
  }
}
