package dev.waybill.demo;

/** A step didn't hold: what was expected, and what was there instead. */
final class StepFailedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StepFailedException(String message) {
    super(message);
  }
}
