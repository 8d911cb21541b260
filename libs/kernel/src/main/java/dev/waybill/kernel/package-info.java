/**
 * The words every part of Waybill shares: identities, digests, quantities, decisions. JDK only,
 * pure.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.kernel;
