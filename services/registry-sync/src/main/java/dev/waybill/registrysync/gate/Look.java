package dev.waybill.registrysync.gate;

/**
 * Evidence that is wanted.
 *
 * @param id of the look: the event that asked for it
 * @param subject whose evidence
 */
public record Look(String id, Subject subject) {}
