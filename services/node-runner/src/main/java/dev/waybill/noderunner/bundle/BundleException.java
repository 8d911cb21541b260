package dev.waybill.noderunner.bundle;

/** What was asked for can't become a container; the message is one line for people. */
public final class BundleException extends Exception {
  /** What a shell gives for a command that could not be started at all. */
  public static final int INVALID = 125;

  private final int exitCode;

  public BundleException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The exit code that the container gets. */
  public int exitCode() {
    return exitCode;
  }
}
