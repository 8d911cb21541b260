package dev.waybill.image.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.image.scrub.Scrubber;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import org.jboss.logging.Logger;

/**
 * Keeps the store being read, on a thread of its own: one pass in a period, taken up after a
 * restart where it was. What somebody suspects is read soon after.
 */
final class Scrubbing implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(Scrubbing.class);
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final Duration SUSPECTS_EVERY = Duration.ofSeconds(1);

  private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

  private final Scrubber scrubber;
  private final Duration period;
  private final Path file;
  private final InstantSource clock;
  private final Thread thread;

  private Scrubbing(Scrubber scrubber, Duration period, Path file, InstantSource clock) {
    this.scrubber = scrubber;
    this.period = period;
    this.file = file;
    this.clock = clock;
    this.thread = Thread.ofPlatform().daemon().name("image-scrub").unstarted(this::run);
  }

  static Scrubbing start(Scrubber scrubber, Duration period, Path file, InstantSource clock) {
    Scrubbing scrubbing = new Scrubbing(scrubber, period, file, clock);
    scrubbing.thread.start();
    return scrubbing;
  }

  /**
   * A pass.
   *
   * @param begun when it began
   * @param after how far it is
   * @param done all of it
   */
  private record Mark(Instant begun, Optional<Digest> after, boolean done) {}

  private void run() {
    try {
      while (true) {
        try {
          step();
        } catch (IOException | RuntimeException e) {
          LOG.errorf(e, "scrubbing the image store failed, going on with the next blob later");
          Thread.sleep(AFTER_FAILURE); // A store that is out of reach stays so for a while.
        }
        Thread.sleep(SUSPECTS_EVERY);
      }
    } catch (InterruptedException e) {
      LOG.debugf("scrubbing ends, it goes on at the next start");
    }
  }

  private void step() throws IOException, InterruptedException {
    Mark mark = read();
    if (mark.done() && mark.begun().plus(period).isAfter(clock.instant())) {
      scrubber.checkSuspects();
      return;
    }
    Mark pass = mark.done() ? new Mark(clock.instant(), Optional.empty(), false) : mark;
    scrubber.pass(
        pass.after(), digest -> write(new Mark(pass.begun(), Optional.of(digest), false)));
    write(new Mark(pass.begun(), Optional.empty(), true));
  }

  private Mark read() throws IOException {
    if (!Files.exists(file)) {
      return new Mark(clock.instant(), Optional.empty(), false);
    }
    JsonNode root = MAPPER.readTree(file.toFile());
    return new Mark(
        Instant.parse(root.path("begun").asText()),
        root.hasNonNull("after")
            ? Optional.of(Digest.parse(root.path("after").asText()))
            : Optional.empty(),
        root.path("done").asBoolean());
  }

  private void write(Mark mark) throws IOException {
    ObjectNode root =
        MAPPER.createObjectNode().put("begun", mark.begun().toString()).put("done", mark.done());
    mark.after().ifPresent(digest -> root.put("after", digest.toString()));
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.write(temporary, MAPPER.writeValueAsBytes(root));
    Files.move(temporary, file, StandardCopyOption.ATOMIC_MOVE);
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
