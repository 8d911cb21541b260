package dev.waybill.image.catalog;

import dev.waybill.image.catalog.CatalogDecision.Accepted;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Function;

/**
 * The catalog of this process. Changes are decided, kept and shown one after another; readers see
 * the last one that was kept, and never wait.
 */
public final class LiveCatalog {
  private final CatalogJournal journal;
  private final CatalogListener listener;
  private final ReentrantLock writing = new ReentrantLock();
  private volatile Catalog current;

  private LiveCatalog(CatalogJournal journal, Catalog current, CatalogListener listener) {
    this.journal = journal;
    this.current = current;
    this.listener = listener;
  }

  /** A catalog that goes on from what was kept. */
  public static LiveCatalog open(CatalogJournal journal, Catalog kept, CatalogListener listener) {
    return new LiveCatalog(journal, kept, listener);
  }

  /** Hears of changes, in order and one at a time. */
  public interface CatalogListener {
    /**
     * These changes are about to be kept; a failure lets them be.
     *
     * @param actor who asked for them
     */
    void changing(Actor actor, List<CatalogChange> changes) throws IOException;

    /**
     * These changes were kept and are seen by readers.
     *
     * @param actor who asked for them
     */
    void changed(Actor actor, List<CatalogChange> changes) throws IOException;

    /** Nobody listens. */
    static CatalogListener none() {
      return new CatalogListener() {
        @Override
        public void changing(Actor actor, List<CatalogChange> changes) {
          // Nobody.
        }

        @Override
        public void changed(Actor actor, List<CatalogChange> changes) {
          // Nobody.
        }
      };
    }
  }

  /** The catalog as it is now. */
  public Catalog current() {
    return current;
  }

  /** Decides on the catalog as it is, and keeps what was decided. */
  public CatalogDecision change(Actor actor, Function<Catalog, CatalogDecision> decider)
      throws IOException {
    writing.lock();
    try {
      CatalogDecision decision = decider.apply(current);
      if (decision instanceof Accepted(var changes) && !changes.isEmpty()) {
        listener.changing(actor, changes);
        journal.append(changes);
        current = current.evolve(changes);
        listener.changed(actor, changes);
      }
      return decision;
    } finally {
      writing.unlock();
    }
  }

  /** Runs something during which the catalog stays as it is. */
  public <T> T holding(Held<T> action) throws IOException {
    writing.lock();
    try {
      return action.run(current);
    } finally {
      writing.unlock();
    }
  }

  /** What is run while the catalog is held; it may change the catalog itself. */
  public interface Held<T> {
    /** Runs with the catalog that nobody else changes. */
    T run(Catalog catalog) throws IOException;
  }
}
