/**
 * What an image is: references, descriptors, manifests, indexes, configurations, platforms, and how
 * they are written in JSON. Decides whether a document is well formed and within limits, and which
 * entry of an index suits a platform. Pure: bytes in, values out.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.oci.image;
