package dev.waybill.embedded;

import io.zonky.test.db.postgres.embedded.EmbeddedPostgres;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import javax.sql.DataSource;

/**
 * A PostgreSQL server as a child of this process, from packaged binaries, on loopback.
 *
 * <p>The child outlives a JVM that is killed: the next start on the same directory ends it first,
 * by the pid in {@code postmaster.pid}, and PostgreSQL then recovers from its own log.
 */
public final class EmbeddedDatabase implements AutoCloseable {
  private final EmbeddedPostgres postgres;

  private EmbeddedDatabase(EmbeddedPostgres postgres) {
    this.postgres = postgres;
  }

  /** Starts on a free port with its data below {@code directory}; returns when it serves. */
  public static EmbeddedDatabase start(Path directory) {
    return start(directory, 0);
  }

  /** Starts on {@code port} (0: a free one). */
  public static EmbeddedDatabase start(Path directory, int port) {
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
      return new EmbeddedDatabase(builder.start());
    } catch (IOException e) {
      throw new UncheckedIOException("cannot start PostgreSQL in " + directory, e);
    }
  }

  private static void endLeftover(Path pidFile) throws IOException {
    if (!Files.exists(pidFile)) {
      return;
    }
    List<String> lines = Files.readAllLines(pidFile);
    Optional<ProcessHandle> leftover =
        ProcessHandle.of(Long.parseLong(lines.getFirst().trim()))
            .filter(process -> process.info().command().orElse("").endsWith("/postgres"));
    if (leftover.isPresent()) {
      leftover.get().destroy();
      leftover.get().onExit().join();
    }
    Files.deleteIfExists(pidFile);
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
  public void close() {
    try {
      postgres.close();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot stop PostgreSQL", e);
    }
  }
}
