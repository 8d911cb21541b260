package dev.waybill.registrysync.proof;

/** A signature or statement that makes no sense; the message says what is wrong with it. */
public final class MalformedProofException extends Exception {
  public MalformedProofException(String message) {
    super(message);
  }

  public MalformedProofException(String message, Throwable cause) {
    super(message, cause);
  }
}
