package dev.waybill.scheduling.container;

/** Where a container is in its life. It only moves down this list, but for a restart in place. */
public enum Phase {
  /** Its image is looked for, or it has one and no node will do. Goes to ASSIGNED or FAILED. */
  WAITING,
  /** A node shall start it. Goes to RUNNING, EXITED, LOST. */
  ASSIGNED,
  /** Its program runs. Goes to STOPPING, EXITED, LOST. */
  RUNNING,
  /** It was told to end. Goes to EXITED, LOST. */
  STOPPING,
  /**
   * Its program ended; its files are on the node. Goes to ASSIGNED by a restart, or to REMOVING.
   */
  EXITED,
  /** It ended without having run on any node. */
  FAILED,
  /** Its node was given up; it may still run there, unheard of. */
  LOST,
  /** Its node shall delete its files. */
  REMOVING;

  /** It runs, or is on its way to. */
  public boolean isLive() {
    return ordinal() <= STOPPING.ordinal();
  }

  /** It takes room on its node. */
  public boolean isOnNode() {
    return this == ASSIGNED || this == RUNNING || this == STOPPING;
  }
}
