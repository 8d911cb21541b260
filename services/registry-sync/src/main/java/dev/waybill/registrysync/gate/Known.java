package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.workload.ScanPosted;
import java.util.Optional;

/**
 * All that is known of a digest when it is judged.
 *
 * @param evidence newest look, if it was held against what the policies of today trust
 * @param scan newest report
 * @param firstSeenMs when the cell first met the digest
 * @param recall that calls it back
 * @param nowMs the time of the verdict
 */
public record Known(
    Optional<EvidenceFound> evidence,
    Optional<ScanPosted> scan,
    long firstSeenMs,
    Optional<ImageRecalled> recall,
    long nowMs) {}
