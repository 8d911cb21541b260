package dev.waybill.scheduling.image;

/**
 * Where a request for an image stands.
 *
 * @param standing the answer so far
 * @param digest manifest that shall run; empty before it is known
 * @param repository where the platform's registry serves it; empty before it is known
 * @param message why it was refused, one line
 */
public record ImageAnswer(Standing standing, String digest, String repository, String message) {
  /** Asked for, no answer yet. */
  public static final ImageAnswer PENDING = new ImageAnswer(Standing.PENDING, "", "", "");

  /** The kinds of answer. */
  public enum Standing {
    /** No answer yet. */
    PENDING,
    /** The image is in the platform's store. */
    HERE,
    /** It could not be had this time; another request may go well. */
    FAILED,
    /** Policy or the reference itself forbids it; only another definition helps. */
    REFUSED
  }

  public static ImageAnswer here(String digest, String repository) {
    return new ImageAnswer(Standing.HERE, digest, repository, "");
  }

  public static ImageAnswer failed(String message) {
    return new ImageAnswer(Standing.FAILED, "", "", message);
  }

  public static ImageAnswer refused(String message) {
    return new ImageAnswer(Standing.REFUSED, "", "", message);
  }
}
