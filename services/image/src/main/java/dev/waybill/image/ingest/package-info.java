/**
 * Fetches images from other registries. Decides what to ask for, whom to believe and when to give
 * up: the digest and the size of everything are checked, a download that breaks off goes on where
 * it was, a registry that is busy is left alone for as long as it says.
 *
 * <p>In: {@link dev.waybill.image.ingest.PullRequest}. Out: {@link
 * dev.waybill.image.ingest.PullOutcome}. Limits: {@link dev.waybill.image.ingest.PullLimits}. What
 * was fetched becomes visible in the catalog in one step, after the last byte is on disk; a pull
 * that fails leaves at most whole blobs, which the next pull uses or the next collection removes.
 *
 * <p>Registries are spoken to over TLS, those on the loopback address without. A registry elsewhere
 * can't send us to an address of this machine.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.ingest;
