/**
 * The allow-list. Where no policy holds for a namespace, every image passes; from the first policy
 * on, only what some policy names.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync.policy;
