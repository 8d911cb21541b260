package dev.waybill.image.edge;

import dev.waybill.contracts.Topic;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.MirrorTagPruned;
import dev.waybill.contracts.workload.ImagePruneRequested;
import dev.waybill.contracts.workload.ImageRemovalRequested;
import dev.waybill.eventlog.Cursor;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Partition;
import dev.waybill.eventlog.Recorded;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests from the log and has them done, several at once. Each gets one answer: what was
 * answered is read back from the log at start, and what wasn't is done again.
 */
final class ImageFollower implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(ImageFollower.class);
  private static final Duration POLL = Duration.ofSeconds(1);

  private final ImageRequests requests;
  private final PruneRequests prunes;
  private final ImageEventWriter writer;
  private final Answered answered;
  private final Progress progress;
  private final Path checkpointFile;
  private final Cursor cursor;
  private final ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
  private final AtomicReference<@Nullable RuntimeException> failure = new AtomicReference<>();
  private volatile boolean stopping;

  ImageFollower(
      EventLog log,
      ImageRequests requests,
      PruneRequests prunes,
      ImageEventWriter writer,
      Path checkpointFile)
      throws IOException {
    this.requests = requests;
    this.prunes = prunes;
    this.writer = writer;
    this.checkpointFile = checkpointFile;
    Checkpoint from = Checkpoint.read(checkpointFile);
    this.progress = new Progress(from);
    Partition images = log.partitions(ImageEventWriter.TOPIC).getFirst();
    this.answered = Answered.from(log, images, from.answers());
    this.cursor = log.open(start(log, from));
  }

  private static Map<Partition, Long> start(EventLog log, Checkpoint from) {
    Map<Partition, Long> start = new TreeMap<>();
    Stream.of(Topic.REGISTRY, Topic.WORKLOADS)
        .flatMap(topic -> log.partitions(topic).stream())
        .forEach(part -> start.put(part, from.inputs().getOrDefault(part, 0L)));
    return start;
  }

  /** Until it is closed; a failure of the log or of an answer ends it, to begin anew. */
  void run() {
    while (!stopping) {
      List<Recorded> read = cursor.poll(POLL);
      for (Recorded recorded : read) {
        accept(recorded);
      }
      RuntimeException failed = failure.get();
      if (failed != null) {
        throw failed;
      }
    }
  }

  private void accept(Recorded recorded) {
    Event event = recorded.event();
    switch (event.payload().orElse(null)) {
      case ImageAdmitted admitted when answered.claim(admitted.getRequestId()) ->
          begin(recorded, () -> requests.pull(event, admitted, answered, writer));
      case ImageRemovalRequested removal when answered.claim(event.id()) ->
          begin(recorded, () -> requests.remove(event, removal, writer));
      case ImagePruneRequested wanted when answered.claim(event.id()) ->
          begin(recorded, () -> prunes.prune(event, wanted, writer));
      case MirrorTagPruned pruned when answered.claim(event.id()) ->
          begin(recorded, () -> requests.remove(event, pruned, writer));
      case null, default -> progress.passed(recorded.partition(), recorded.offset());
    }
  }

  /** Work that a request asks for. */
  private interface Task {
    void run() throws IOException, InterruptedException;
  }

  private void begin(Recorded recorded, Task task) {
    progress.begin(recorded.partition(), recorded.offset(), writer.end());
    tasks.execute(() -> perform(recorded, task));
  }

  private void perform(Recorded recorded, Task task) {
    try {
      task.run();
      progress.end(recorded.partition(), recorded.offset());
      save();
    } catch (InterruptedException e) {
      LOG.debugf("interrupted, asked again at the next start event=%s", recorded.event().id());
    } catch (IOException e) {
      failed(new UncheckedIOException(e));
    } catch (RuntimeException e) {
      failed(e);
    }
  }

  private void failed(RuntimeException e) {
    failure.compareAndSet(null, e);
    cursor.wakeup();
  }

  private synchronized void save() throws IOException {
    progress.checkpoint().write(checkpointFile);
  }

  /** Lets {@link #run} return. */
  void stop() {
    stopping = true;
    cursor.wakeup();
  }

  @Override
  public void close() {
    stop();
    tasks.shutdownNow();
    tasks.close();
    cursor.close();
  }
}
