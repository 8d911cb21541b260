package dev.waybill.image.catalog;

import dev.waybill.oci.image.Reference;

/** Where an image from elsewhere is kept: {@code mirror/HOST/REPOSITORY}. */
public final class MirrorName {
  private static final String PREFIX = "mirror/";

  private MirrorName() {}

  /** The repository of our own registry that holds what this reference names. */
  public static String of(Reference upstream) {
    return PREFIX + upstream.host().replace(':', '_') + "/" + upstream.repository();
  }
}
