package dev.waybill.registrysync.gate;

/**
 * A request for an image that was let in.
 *
 * @param admittedBy the line of the allow-list, as NAME@VERSION; empty where there is no list
 * @param lasting containers wait for it, maybe later ones too; else it is of interest until
 *     answered
 * @param subject key of what it came to; empty before it is pulled
 */
public record Asked(String namespace, String admittedBy, boolean lasting, String subject) {
  Asked became(Subject what) {
    return new Asked(namespace, admittedBy, lasting, what.key());
  }
}
