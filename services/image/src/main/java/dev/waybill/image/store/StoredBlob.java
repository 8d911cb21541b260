package dev.waybill.image.store;

import dev.waybill.kernel.Digest;

/**
 * Content that is stored.
 *
 * @param digest of the content
 * @param size in bytes
 */
public record StoredBlob(Digest digest, long size) {}
