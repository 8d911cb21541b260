package dev.waybill.fleet;

import dev.waybill.oci.image.Reference;
import java.time.Instant;

/**
 * An image as people name it, and what the name points at.
 *
 * @param reference in the familiar form; a mirror's pin to a digest is left out where there is a
 *     tag
 * @param sizeBytes 0 where nobody has said it yet, as for what was pushed and never run
 */
public record ImageView(
    String reference, String digest, long sizeBytes, int layers, Instant since) {
  private static final String COPIES = "mirror/";

  /** The one name under which an image is listed, however it came here. */
  static String listedAs(String reference) {
    try {
      Reference parsed = Reference.parse(reference);
      return parsed.tag() == null
          ? parsed.familiar()
          : new Reference(parsed.host(), parsed.origin(), parsed.repository(), parsed.tag(), null)
              .familiar();
    } catch (IllegalArgumentException e) {
      return reference; // On the log is what is on the log; a name we can't read stays as it is.
    }
  }

  /** The repository is where copies from other registries are kept. */
  static boolean isCopy(String repository) {
    return repository.startsWith(COPIES);
  }
}
