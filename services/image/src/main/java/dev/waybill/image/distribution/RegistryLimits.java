package dev.waybill.image.distribution;

import dev.waybill.image.quota.Quotas;
import java.time.Duration;

/**
 * Upper bounds for clients of the registry.
 *
 * @param uploadsMax uploads that are open at once
 * @param blobBytesMax bytes of one blob
 * @param uploadIdle how long an upload may rest before it is dropped
 * @param listingMax entries of one page of a listing
 * @param quotas of repositories
 */
public record RegistryLimits(
    int uploadsMax, long blobBytesMax, Duration uploadIdle, int listingMax, Quotas quotas) {}
