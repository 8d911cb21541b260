/**
 * Makes small real images without a network: layers from entries in memory or from a static program
 * compiled on the spot, one platform or several, as an OCI layout on disk or pushed to a registry.
 * The same calls give the same digests.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.testkit.image;
