package dev.waybill.scheduling.supply;

/**
 * A verdict that stands.
 *
 * @param reason why it is held; empty if it is released
 */
public record Ruling(boolean released, String reason) {}
