/**
 * Keeps bytes under their digest and repositories beside them, so that a crash at any moment leaves
 * a store that is whole: content is written under a temporary name, forced to disk, and then
 * renamed; a repository names only what was renamed before. Temporary files of a process that died
 * are removed at the next start. Content may be in a bucket instead, see {@code s3}.
 *
 * <pre>
 * DATA/blobs/sha256/ab/abcd…         content
 * DATA/ingest/…                      content that arrives
 * DATA/quarantine/…                  content that was found damaged; nothing reads it
 * DATA/repositories/NAME/_blobs/…    an empty file for each blob that is seen there
 * DATA/repositories/NAME/_manifests/ the media type of each manifest
 * DATA/repositories/NAME/_tags/      the digest that each tag names
 * </pre>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.store;
