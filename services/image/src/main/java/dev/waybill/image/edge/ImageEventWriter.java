package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.Recorded;
import dev.waybill.eventlog.Writer;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;

/** Writes the image service's facts. */
final class ImageEventWriter implements AutoCloseable {
  static final Topic TOPIC = Topic.IMAGES;

  private final Writer writer;
  private final ImageDrafts drafts;
  private final AtomicLong end;

  ImageEventWriter(EventLog log, ImageDrafts drafts) {
    this.writer = log.openWriter(drafts.source(), Set.of(TOPIC));
    this.drafts = drafts;
    this.end = new AtomicLong(log.end(log.partitions(TOPIC).getFirst()));
  }

  /** Writes what follows from an event, all or nothing; see {@link ImageDrafts#answer}. */
  void answer(Event cause, int first, List<Message> messages) {
    append(drafts.answer(cause, first, messages));
  }

  /** Writes these facts, all or nothing. */
  void append(List<Draft> facts) {
    for (Recorded recorded : writer.append(facts)) {
      end.accumulateAndGet(recorded.offset() + 1, Math::max);
    }
  }

  /** The offset after the last event that we know of. */
  long end() {
    return end.get();
  }

  @Override
  public void close() {
    writer.close();
  }
}
