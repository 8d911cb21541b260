/**
 * What is being fetched from another registry, for nodes to read while it arrives: the documents of
 * images whose layers are on their way, and the bytes of blobs as far as they have come. Nothing of
 * it is verified or in the catalog yet, so the registry doesn't show it.
 *
 * <p>A reader waits for bytes that aren't here yet. A download that fails or begins again breaks
 * its readers off; they ask again, or give up.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.arrival;
