package dev.waybill.noderunner.graph;

import java.util.Arrays;
import java.util.stream.Collectors;

/** The ways to make one root of layers. */
public enum GraphKind {
  /** The kernel's overlay file system. */
  OVERLAY("overlay"),
  /** A tree of its own for each container. */
  COPY("copy"),
  /** An overlay file system that a program serves. */
  FUSE_OVERLAYFS("fuse-overlayfs");

  private final String word;

  GraphKind(String word) {
    this.word = word;
  }

  /** As settings and files have it. */
  public String word() {
    return word;
  }

  /**
   * The kind with this word.
   *
   * @throws IllegalArgumentException if there is none
   */
  public static GraphKind of(String word) {
    return Arrays.stream(values())
        .filter(kind -> kind.word.equals(word))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "no graph driver '%s', use %s"
                        .formatted(
                            word,
                            Arrays.stream(values())
                                .map(GraphKind::word)
                                .collect(Collectors.joining(", ")))));
  }
}
