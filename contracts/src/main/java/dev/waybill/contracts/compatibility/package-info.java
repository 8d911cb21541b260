/**
 * Decides whether a new set of message descriptors can still read what an old one wrote. A log that
 * is replayed from its start needs that of every schema there ever was. Pure.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.contracts.compatibility;
