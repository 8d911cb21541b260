package dev.waybill.kernel;

/** Gives new ids. The edge owns one of real randomness; tests and simulations one of a seed. */
@FunctionalInterface
public interface IdSource {
  /** A UUIDv7 in text form (RFC 9562, 5.7): ids made later sort later. */
  String next();
}
