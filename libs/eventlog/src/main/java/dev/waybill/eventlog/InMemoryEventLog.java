package dev.waybill.eventlog;

import dev.waybill.contracts.Topic;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.IntStream;

/** The whole contract of {@link EventLog} in memory: for tests and for deterministic simulation. */
public final class InMemoryEventLog implements EventLog {
  private final Cell cell;
  private final InstantSource clock;
  private final Map<Partition, List<Recorded>> partitions = new TreeMap<>();
  private final Map<String, InMemoryWriter> writers = new HashMap<>();
  private final Map<String, Long> sequences = new HashMap<>();

  public InMemoryEventLog(Cell cell, InstantSource clock) {
    this.cell = cell;
    this.clock = clock;
    for (Topic topic : Topic.values()) {
      partitions(topic).forEach(partition -> partitions.put(partition, new ArrayList<>()));
    }
  }

  @Override
  public synchronized Writer openWriter(String source, Set<Topic> topics) {
    var writer = new InMemoryWriter(source);
    writers.put(source, writer);
    return writer;
  }

  @Override
  public List<Partition> partitions(Topic topic) {
    return IntStream.range(0, cell.partitions(topic))
        .mapToObj(n -> new Partition(topic, n))
        .toList();
  }

  @Override
  public Partition partitionOf(Draft draft) {
    return cell.partitionOf(draft.type().topic(), draft.payload());
  }

  @Override
  public synchronized long end(Partition partition) {
    return events(partition).size();
  }

  @Override
  public synchronized Map<Partition, Long> committedEnds(Collection<Partition> partitions) {
    var ends = new TreeMap<Partition, Long>();
    partitions.forEach(partition -> ends.put(partition, (long) events(partition).size()));
    return ends;
  }

  @Override
  public synchronized long offsetAt(Partition partition, Instant time) {
    return events(partition).stream()
        .filter(recorded -> !recorded.appendedAt().isBefore(time))
        .mapToLong(Recorded::offset)
        .findFirst()
        .orElse(end(partition));
  }

  @Override
  public Cursor open(Map<Partition, Long> from) {
    return new InMemoryCursor(from);
  }

  @Override
  public void close() {
    // Nothing to release: the events live as long as this object.
  }

  private List<Recorded> events(Partition partition) {
    List<Recorded> events = partitions.get(partition);
    if (events == null) {
      throw new IllegalArgumentException("no such partition: " + partition);
    }
    return events;
  }

  private final class InMemoryWriter implements Writer {
    private final String source;

    InMemoryWriter(String source) {
      this.source = source;
    }

    @Override
    public long lastSequence() {
      synchronized (InMemoryEventLog.this) {
        return sequences.getOrDefault(source, 0L);
      }
    }

    @Override
    public List<Recorded> append(List<Draft> drafts) {
      synchronized (InMemoryEventLog.this) {
        if (writers.get(source) != this) {
          throw new FencedException(source, new IllegalStateException("writer was replaced"));
        }
        long sequence = lastSequence();
        var appended = new ArrayList<Recorded>();
        Instant now = clock.instant();
        for (Draft draft : drafts) {
          Event event = draft.asEvent(source, ++sequence);
          List<Recorded> events = events(partitionOf(draft));
          var recorded = new Recorded(partitionOf(draft), events.size(), now, event);
          events.add(recorded);
          appended.add(recorded);
        }
        sequences.put(source, sequence);
        InMemoryEventLog.this.notifyAll();
        return appended;
      }
    }

    @Override
    public void close() {
      synchronized (InMemoryEventLog.this) {
        writers.remove(source, this);
      }
    }
  }

  private final class InMemoryCursor implements Cursor {
    private final Map<Partition, Long> positions;
    private boolean woken;

    InMemoryCursor(Map<Partition, Long> from) {
      this.positions = new TreeMap<>(from);
    }

    @Override
    public List<Recorded> poll(Duration atMost) {
      long deadline = System.nanoTime() + atMost.toNanos();
      synchronized (InMemoryEventLog.this) {
        while (true) {
          List<Recorded> next = take();
          long left = deadline - System.nanoTime();
          if (!next.isEmpty() || left <= 0 || woken) {
            woken = false;
            return next;
          }
          awaitChange(left);
        }
      }
    }

    private void awaitChange(long nanos) {
      try {
        InMemoryEventLog.this.wait(nanos / 1_000_000, (int) (nanos % 1_000_000));
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        woken = true;
      }
    }

    private List<Recorded> take() {
      var next = new ArrayList<Recorded>();
      for (var position : positions.entrySet()) {
        List<Recorded> events = events(position.getKey());
        int from = Math.toIntExact(Math.min(position.getValue(), events.size()));
        next.addAll(events.subList(from, events.size()));
        position.setValue((long) events.size());
      }
      return next;
    }

    @Override
    public long position(Partition partition) {
      synchronized (InMemoryEventLog.this) {
        return Objects.requireNonNull(positions.get(partition), "not read by this cursor");
      }
    }

    @Override
    public void wakeup() {
      synchronized (InMemoryEventLog.this) {
        woken = true;
        InMemoryEventLog.this.notifyAll();
      }
    }

    @Override
    public void close() {
      // Holds nothing.
    }
  }
}
