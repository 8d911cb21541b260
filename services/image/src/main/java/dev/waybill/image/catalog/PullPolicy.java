package dev.waybill.image.catalog;

/** Whether to ask elsewhere for an image that may be here. */
public enum PullPolicy {
  /** Ask each time what the tag means now. */
  ALWAYS,
  /** Ask only for what isn't here. */
  MISSING,
  /** Never ask. */
  NEVER
}
