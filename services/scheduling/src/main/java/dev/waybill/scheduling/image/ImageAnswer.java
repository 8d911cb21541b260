package dev.waybill.scheduling.image;

import java.util.Collection;
import java.util.List;
import java.util.TreeSet;

/**
 * Where a request for an image stands.
 *
 * @param standing the answer so far
 * @param digest manifest that shall run; empty before it is known
 * @param indexDigest what the tag named: an index, or the same as {@code digest}
 * @param name repository with its registry host, as it was pulled
 * @param repository where the platform's registry serves it; empty before it is known
 * @param message why it was refused or is held, one line
 * @param prefetching nodes that were told to fetch it while it arrived, sorted
 */
public record ImageAnswer(
    Standing standing,
    String digest,
    String indexDigest,
    String name,
    String repository,
    String message,
    List<String> prefetching) {
  public ImageAnswer {
    prefetching = List.copyOf(prefetching);
  }

  /** Asked for, no answer yet. */
  public static final ImageAnswer PENDING = bare(Standing.PENDING, "");

  /** The kinds of answer. */
  public enum Standing {
    /** No answer yet. */
    PENDING,
    /** The image is in the platform's store, and may start. */
    HERE,
    /** It is in the store, and the gate has not released it. */
    HELD,
    /** It could not be had this time; another request may go well. */
    FAILED,
    /** Policy, a recall or the reference itself forbids it. */
    REFUSED
  }

  private static ImageAnswer bare(Standing standing, String message) {
    return new ImageAnswer(standing, "", "", "", "", message, List.of());
  }

  /** It is in the store. */
  public static ImageAnswer here(
      String digest, String indexDigest, String name, String repository) {
    return new ImageAnswer(Standing.HERE, digest, indexDigest, name, repository, "", List.of());
  }

  public static ImageAnswer failed(String message) {
    return bare(Standing.FAILED, message);
  }

  public static ImageAnswer refused(String message) {
    return bare(Standing.REFUSED, message);
  }

  /** The same image, not released; {@code why} is empty before there is a verdict. */
  public ImageAnswer held(String why) {
    return new ImageAnswer(Standing.HELD, digest, indexDigest, name, repository, why, prefetching);
  }

  /** The same, known to be fetched ahead by these nodes. */
  public ImageAnswer prefetchedBy(Collection<String> nodes) {
    return new ImageAnswer(
        standing,
        digest,
        indexDigest,
        name,
        repository,
        message,
        List.copyOf(new TreeSet<>(nodes)));
  }
}
