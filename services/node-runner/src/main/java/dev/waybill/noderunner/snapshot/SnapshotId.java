package dev.waybill.noderunner.snapshot;

/** Names the snapshot of a container, as the container is named. */
public record SnapshotId(String value) {
  public SnapshotId {
    if (!value.matches("[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}")) {
      throw new IllegalArgumentException(
          "not the name of a snapshot, use up to 128 letters, digits, '_', '.', '-': '"
              + value
              + "'");
    }
  }

  @Override
  public String toString() {
    return value;
  }
}
