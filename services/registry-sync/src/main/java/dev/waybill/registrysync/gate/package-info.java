/**
 * The verdict on a digest. Decides, from the policies that hold, from evidence and from the time,
 * whether containers of a namespace may run it, and says so rule by rule. Pure: evidence was looked
 * for and verified at the edge and is a fact by the time it comes here.
 *
 * <p>In: {@code GatePolicySet}, {@code EvidenceFound}, {@code ScanPosted}, recalls. Out: {@code
 * ImageReleased}, {@code ImageHeld}, {@code ImageVerified}.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync.gate;
