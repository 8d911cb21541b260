package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.launch.LaunchFailedException;

/** A request that is refused, or that the kernel refused. */
final class RunnerException extends Exception {
  private static final long serialVersionUID = 1L;

  /** Why; each kind is one status of gRPC. */
  enum Kind {
    INVALID,
    NOT_FOUND,
    ALREADY_EXISTS,
    WRONG_STATE
  }

  private final Kind kind;
  private final int exitCode;

  RunnerException(Kind kind, String message) {
    this(kind, message, 0);
  }

  RunnerException(Kind kind, String message, int exitCode) {
    super(message);
    this.kind = kind;
    this.exitCode = exitCode;
  }

  /** The same refusal, told by another layer. */
  static RunnerException of(Kind kind, Exception cause) {
    RunnerException refusal = new RunnerException(kind, String.valueOf(cause.getMessage()));
    refusal.initCause(cause);
    return refusal;
  }

  /** An operation of a plan that failed. */
  static RunnerException of(LaunchFailedException cause) {
    RunnerException refusal =
        new RunnerException(Kind.WRONG_STATE, cause.message(), cause.exitCode());
    refusal.initCause(cause);
    return refusal;
  }

  Kind kind() {
    return kind;
  }

  /** 126 or 127 when a program could not be executed; else 0. */
  int exitCode() {
    return exitCode;
  }
}
