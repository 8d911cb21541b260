package dev.waybill.nativerunner.launch;

/** A plan of which an operation failed; nothing of it is left. */
public final class LaunchFailedException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String message;
  private final int exitCode;

  LaunchFailedException(String message, int exitCode) {
    super(message);
    this.message = message;
    this.exitCode = exitCode;
  }

  /** What failed: call, arguments, errno, config path, hint. */
  public String message() {
    return message;
  }

  /**
   * The code that a shell would end with: 127 when the program was not found, 126 when it could not
   * be executed, 0 when it was not the program that failed.
   */
  public int exitCode() {
    return exitCode;
  }
}
