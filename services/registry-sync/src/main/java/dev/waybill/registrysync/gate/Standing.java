package dev.waybill.registrysync.gate;

/**
 * A verdict that is on the log and stands until another one.
 *
 * @param reason the rules that failed; empty if released
 * @param judgeAgainMs when time may change it; 0 if never
 */
public record Standing(boolean released, String reason, long judgeAgainMs) {}
