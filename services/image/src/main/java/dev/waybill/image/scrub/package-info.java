/**
 * Finds stored content that is no longer what its digest says, before somebody needs it. Each blob
 * is hashed again once in a period, slowly; one that differs is set aside, so that it is never
 * served again, said to be damaged, and fetched again where it came from another registry. In: the
 * store and the catalog. Out: what was found and what was mended.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.scrub;
