/**
 * The arrows of the architecture as rules over compiled classes, and the house rules over sources.
 * Each failure says why, and what to do.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.archrules;
