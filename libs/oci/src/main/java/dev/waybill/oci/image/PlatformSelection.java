package dev.waybill.oci.image;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which images of an index are meant.
 *
 * @param isAll every one, whatever it is for
 * @param named else those for these platforms, one for each
 */
public record PlatformSelection(boolean isAll, List<Platform> named) {
  /** Platforms that one selection may name. */
  public static final int NAMED_MAX = 32;

  private static final String ALL = "all";

  /** On an entry of an index: the digest of the entry that it is about. */
  private static final String ABOUT = "vnd.docker.reference.digest";

  public PlatformSelection {
    named = List.copyOf(named);
    if (named.size() > NAMED_MAX) {
      throw new IllegalArgumentException("more than " + NAMED_MAX + " platforms");
    }
  }

  /**
   * Reads {@code os/architecture[/variant]} of each, or {@code all}; nothing selects nothing.
   *
   * @throws IllegalArgumentException if one is no platform
   */
  public static PlatformSelection parse(Collection<String> texts) {
    if (texts.contains(ALL)) {
      if (texts.size() > 1) {
        throw new IllegalArgumentException("'all' with other platforms beside it: " + texts);
      }
      return new PlatformSelection(true, List.of());
    }
    return new PlatformSelection(false, texts.stream().map(Platform::parse).toList());
  }

  /** Whether it names nothing. */
  public boolean isEmpty() {
    return !isAll && named.isEmpty();
  }

  /** Whether an image that is for this platform is meant. */
  public boolean takes(Platform offered) {
    return isAll || named.stream().anyMatch(wanted -> wanted.runs(offered));
  }

  /**
   * The entries that are meant, each once, in the index's order: images, and with each what the
   * index has about it. A platform that the index has no image for selects none.
   */
  public List<Descriptor> choose(ImageIndex index) {
    if (isAll) {
      return index.manifests().stream().distinct().toList();
    }
    List<Descriptor> images = images(index);
    List<String> digests = images.stream().map(image -> image.digest().toString()).toList();
    return index.manifests().stream()
        .filter(
            entry ->
                images.contains(entry)
                    || digests.contains(entry.annotations().getOrDefault(ABOUT, "")))
        .distinct()
        .toList();
  }

  private List<Descriptor> images(ImageIndex index) {
    List<Descriptor> images = new ArrayList<>();
    for (Platform wanted : named) {
      index.pick(wanted).ifPresent(images::add);
    }
    return images;
  }

  /** The platforms of these entries that images run on, as a person reads them. */
  public static List<String> shown(Collection<Descriptor> entries) {
    return entries.stream()
        .flatMap(entry -> Stream.ofNullable(entry.platform()))
        .filter(platform -> !platform.os().equals("unknown"))
        .map(Platform::toString)
        .distinct()
        .toList();
  }

  /** As {@link #parse} reads it. */
  public List<String> texts() {
    return isAll ? List.of(ALL) : named.stream().map(Platform::toString).toList();
  }
}
