package dev.waybill.image.catalog;

import dev.waybill.oci.image.Reference;
import java.util.Optional;

/** Where an image from elsewhere is kept: {@code mirror/HOST/REPOSITORY}. */
public final class MirrorName {
  private static final String PREFIX = "mirror/";

  private MirrorName() {}

  /** The repository elsewhere whose images this one of ours holds, if it is a mirror. */
  public static Optional<Reference> upstream(String repository) {
    int slash = repository.indexOf('/', PREFIX.length());
    if (!repository.startsWith(PREFIX) || slash < 0) {
      return Optional.empty();
    }
    // A host's name has no underscore, so there is no other way to read it.
    String host = repository.substring(PREFIX.length(), slash).replace('_', ':');
    return Optional.of(Reference.parse(host + repository.substring(slash)));
  }

  /** The repository of our own registry that holds what this reference names. */
  public static String of(Reference upstream) {
    return PREFIX + upstream.host().replace(':', '_') + "/" + upstream.repository();
  }

  /** Before the paths of all repositories that mirror the registry of this mirror. */
  public static String registryPrefix(String mirror) {
    int host = mirror.indexOf('/') + 1;
    return mirror.substring(0, mirror.indexOf('/', host) + 1);
  }
}
