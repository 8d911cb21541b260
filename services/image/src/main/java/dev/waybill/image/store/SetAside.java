package dev.waybill.image.store;

import dev.waybill.kernel.Digest;
import java.time.Instant;

/**
 * Damaged content that is kept for people to look at.
 *
 * @param digest that it should have
 * @param size in bytes
 * @param since when
 */
public record SetAside(Digest digest, long size, Instant since) {}
