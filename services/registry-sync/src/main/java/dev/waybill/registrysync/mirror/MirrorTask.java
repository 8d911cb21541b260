package dev.waybill.registrysync.mirror;

/**
 * A copy under way.
 *
 * @param policy the policy that wants it
 * @param reference image reference with its tag
 * @param digest what the tag named when it was found; empty where a container asked for it
 */
public record MirrorTask(String policy, String reference, String digest) {}
