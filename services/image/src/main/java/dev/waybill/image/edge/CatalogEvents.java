package dev.waybill.image.edge;

import com.google.protobuf.Message;
import dev.waybill.contracts.image.BlobCorrupted;
import dev.waybill.contracts.image.BlobRestored;
import dev.waybill.contracts.image.ImageDeleted;
import dev.waybill.contracts.image.ImageTagged;
import dev.waybill.contracts.image.ReferrerPushed;
import dev.waybill.eventlog.Draft;
import dev.waybill.eventlog.Event;
import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Puts on the log who made a name point where. Called while the catalog is held, so one change is
 * done and said before the next.
 */
final class CatalogEvents implements CatalogListener {
  /** After what the follower itself says about a request. */
  private static final int FIRST = 2;

  private static final Logger LOG = Logger.getLogger(CatalogEvents.class);

  private final ImageDrafts drafts;
  private final Unsaid unsaid;
  private final Map<String, Event> causes = new ConcurrentHashMap<>();
  private volatile @Nullable ImageEventWriter writer;
  private @Nullable Path pending;

  CatalogEvents(ImageDrafts drafts, Unsaid unsaid) {
    this.drafts = drafts;
    this.unsaid = unsaid;
  }

  /** From now on changes are written with this; what was left unsaid is said first. */
  void writeWith(ImageEventWriter current, LiveCatalog catalog) throws IOException {
    catalog.holding(
        now -> {
          for (Path file : unsaid.all()) {
            List<Draft> facts =
                unsaid.read(file).stream().filter(draft -> isSo(now, draft.payload())).toList();
            if (!facts.isEmpty()) {
              current.append(facts);
            }
            unsaid.remove(file);
          }
          writer = current;
          return true;
        });
  }

  /** Whether the catalog agrees: a crash may have come before the deed. */
  private static boolean isSo(Catalog now, Message said) {
    return switch (said) {
      case ImageTagged tagged ->
          tag(now, tagged.getRepository(), tagged.getTag())
              .filter(tagged.getDigest()::equals)
              .isPresent();
      case ReferrerPushed pushed ->
          now.repository(pushed.getRepository())
              .filter(found -> found.manifests().containsKey(Digest.parse(pushed.getDigest())))
              .isPresent();
      case ImageDeleted deleted -> {
        int colon = deleted.getReference().lastIndexOf(':');
        String repository = deleted.getReference().substring(0, colon);
        yield tag(now, repository, deleted.getReference().substring(colon + 1)).isEmpty();
      }
      case BlobCorrupted _, BlobRestored _ -> true; // It was so, whatever is done by now.
      default -> throw new IllegalStateException("not about a name: " + said);
    };
  }

  private static Optional<String> tag(Catalog now, String repository, String tag) {
    return now.repository(repository)
        .map(Repository::tags)
        .map(tags -> tags.get(tag))
        .map(Object::toString);
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
  public void changing(Actor actor, List<CatalogChange> changes) throws IOException {
    pending = null;
    if (actor.equals(Actor.SELF)) {
      return; // Whoever made us do it says so.
    }
    List<Message> messages = ImageMessages.changes(changes);
    if (!messages.isEmpty()) {
      Optional<Event> cause = actor.causedBy().map(causes::get);
      pending =
          unsaid.keep(
              cause.isPresent()
                  ? drafts.answer(cause.get(), FIRST, messages)
                  : drafts.report(actor.name(), messages));
    }
  }

  @Override
  public void changed(Actor actor, List<CatalogChange> changes) throws IOException {
    Path file = pending;
    if (file != null) {
      say(file);
    }
  }

  /** What is done between the keeping of a fact and the saying of it. */
  interface Deed {
    void run() throws IOException;
  }

  /** Puts on the log what the service found; to be called while the catalog is held. */
  void tell(Message fact, Deed deed) throws IOException {
    Path file = unsaid.keep(drafts.report(Actor.SELF.name(), List.of(fact)));
    deed.run();
    say(file);
  }

  private void say(Path file) throws IOException {
    ImageEventWriter current = writer;
    if (current == null) {
      LOG.infof("no log yet, said when there is one file=%s", file.getFileName());
      return;
    }
    current.append(unsaid.read(file));
    unsaid.remove(file);
  }
}
