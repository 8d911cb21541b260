package dev.waybill.eventlog;

import java.util.List;

/** The one pen of a source. Safe for use by many threads. */
public interface Writer extends AutoCloseable {
  /** The source's newest sequence number; 0 before its first event. */
  long lastSequence();

  /**
   * Appends all or nothing and returns when it is committed.
   *
   * @return the events as recorded, in the order given
   * @throws FencedException if a newer writer of this source exists; this one is of no more use
   * @throws BrokenException if the log was away for so long that nobody knows whether it is
   *     committed; this one is of no more use, a newly opened one is
   */
  List<Recorded> append(List<Draft> drafts);

  @Override
  void close();

  /**
   * An append neither committed nor aborted. A new writer settles it, and whoever opens one has to
   * read what came of it, as after a restart.
   */
  final class BrokenException extends IllegalStateException {
    public BrokenException(String source, Throwable cause) {
      super("the log went away under an append of " + source, cause);
    }
  }

  /** Another writer of the same source took over. */
  final class FencedException extends RuntimeException {
    public FencedException(String source, Throwable cause) {
      super("a newer writer of " + source + " took over, this one must end", cause);
    }
  }
}
