package dev.waybill.registrysync.mirror;

/**
 * A tag that was seen and waits until it is known for long enough.
 *
 * @param policy the policy that looked
 * @param digest what the tag names
 * @param sinceMs when it was first seen to name that, milliseconds since 1970
 */
public record Sighting(String policy, String digest, long sinceMs) {}
