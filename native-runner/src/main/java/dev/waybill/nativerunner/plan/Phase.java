package dev.waybill.nativerunner.plan;

import java.util.Locale;

/** Who carries an operation out, and when; the ordinal is the plan's encoding. */
public enum Phase {
  /** By the executor, outside, before the new process exists; ends with the clone. */
  HOST,
  /** By the executor, on the new process. */
  PARENT,
  /** By the new process, inside its namespaces, until it waits to be started. */
  CONTAINER,
  /** By the new process once it is started; ends with exec. */
  START,
  /** By whoever started it, outside, after exec: hooks only. */
  POSTSTART,
  /** By whoever deletes it, outside, when nothing of it is left: hooks only. */
  POSTSTOP;

  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }
}
