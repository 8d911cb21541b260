package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.eventlog.Event;
import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Puts on the log who made a name point where. */
final class CatalogEvents implements CatalogListener {
  /** After what the follower itself says about a request. */
  private static final int FIRST = 2;

  private static final Logger LOG = Logger.getLogger(CatalogEvents.class);

  private final Map<String, Event> causes = new ConcurrentHashMap<>();
  private volatile @Nullable ImageEventWriter writer;

  /** From now on changes are written with this. */
  void writeWith(ImageEventWriter current) {
    writer = current;
  }

  /** Whether there is a log to write to. */
  boolean isReady() {
    return writer != null;
  }

  /** Changes on behalf of this event's id are put down to it until {@link #forget}. */
  void remember(Event cause) {
    causes.put(cause.id(), cause);
  }

  void forget(Event cause) {
    causes.remove(cause.id());
  }

  @Override
  public void changed(Actor actor, List<CatalogChange> changes) {
    if (actor.equals(Actor.SELF)) {
      return; // Whoever made us do it says so.
    }
    List<Message> messages = ImageMessages.changes(changes);
    if (messages.isEmpty()) {
      return;
    }
    ImageEventWriter current = writer;
    if (current == null) {
      LOG.warnf("no log yet, unsaid changes=%d actor=%s", messages.size(), actor.name());
      return;
    }
    Optional<Event> cause = actor.causedBy().map(causes::get);
    if (cause.isPresent()) {
      current.answer(cause.get(), FIRST, messages);
    } else {
      current.report(actor.name(), messages);
    }
  }
}
