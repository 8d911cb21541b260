/**
 * Decides which blobs may go: those that no manifest of any repository needs and that nobody is
 * about to need; and which manifests may, when somebody asks for that. Pure: a catalog, what is
 * stored and what is needed in, digests out. Deleting is another's job.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.reachability;
