package dev.waybill.cli.build.dockerfile;

/** A Dockerfile that can't be built as it is; the message begins with the line. */
public final class DockerfileException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public DockerfileException(int line, String message) {
    super("line " + line + ": " + message);
  }
}
