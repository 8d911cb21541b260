/**
 * Decides which blobs may go: those that no manifest of any repository needs and that nobody is
 * about to need. Pure: a catalog and what is stored in, digests out. Deleting is another's job.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.reachability;
