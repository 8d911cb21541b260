package dev.waybill.cli;

/**
 * Something that the user must know, in one line, with the exit code that says of what kind it is.
 */
public final class CliException extends RuntimeException {
  /** It didn't go well. */
  public static final int FAILED = 1;

  /** It was asked for in a wrong way. */
  public static final int USAGE = 2;

  private final int exitCode;

  public CliException(int exitCode, String message) {
    super(message);
    this.exitCode = exitCode;
  }

  /** The same for what went wrong while it was done. */
  public static CliException failed(String message) {
    return new CliException(FAILED, message);
  }

  public static CliException usage(String message) {
    return new CliException(USAGE, message);
  }

  public int exitCode() {
    return exitCode;
  }
}
