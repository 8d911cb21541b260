package dev.waybill.oci.runtime;

/** A document that isn't a {@code config.json}: not JSON, or a member of the wrong type. */
public final class SpecFormatException extends Exception {
  private static final long serialVersionUID = 1L;

  private final String path;

  SpecFormatException(String path, String message, Throwable cause) {
    super(path.isEmpty() ? message : path + ": " + message, cause);
    this.path = path;
  }

  /** The member at fault, such as {@code process.rlimits[2].hard}; empty for the whole document. */
  public String path() {
    return path;
  }
}
