package dev.waybill.image.store.s3;

/**
 * How content is cut for the way.
 *
 * @param partBytes of one part of a large object, and the most that is sent in one request; servers
 *     want 5 MiB or more
 * @param partsAtOnce parts of one object that are under way at once
 * @param copyBytes that the server copies in one request, 5 GiB at most
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/userguide/qfacts.html">limits of S3</a>
 */
record S3Limits(long partBytes, int partsAtOnce, long copyBytes) {
  private static final int PARTS_MAX = 10_000;

  static final S3Limits DEFAULT = new S3Limits(16L << 20, 4, 1L << 30);

  /** Bytes of each part, but the last, of an object of this size. */
  long partBytes(long size) {
    return Math.max(partBytes, Math.ceilDiv(size, PARTS_MAX));
  }
}
