package dev.waybill.testkit.image;

/** Whose media types an image carries. */
public enum ImageFormat {
  OCI,
  DOCKER
}
