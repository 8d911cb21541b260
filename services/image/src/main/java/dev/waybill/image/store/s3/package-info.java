/**
 * Keeps content in a bucket of an S3-compatible object storage. What is stored is known from one
 * listing at start, so that looking something up costs no request; one process at a time may use a
 * prefix, as one process may use a directory. Content that arrives is in a file of this machine
 * until all of it is here and is what it should be; only then is it sent, in one request or in
 * parts, and an object is there as a whole or not at all.
 *
 * <pre>
 * PREFIXblobs/sha256/ab/abcd…   content
 * PREFIXquarantine/abcd…        content that was found damaged; nothing reads it
 * </pre>
 *
 * @see <a href="https://docs.aws.amazon.com/AmazonS3/latest/API/Welcome.html">the S3 API</a>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.store.s3;
