package dev.waybill.image.ingest;

/**
 * Where the bytes of blobs came from.
 *
 * @param fetched over the network
 * @param reused from layers that were here
 */
record Transferred(long fetched, long reused) {
  static final Transferred NOTHING = new Transferred(0, 0);

  Transferred plus(Transferred more) {
    return new Transferred(fetched + more.fetched, reused + more.reused);
  }
}
