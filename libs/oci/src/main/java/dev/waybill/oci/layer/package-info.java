/**
 * Layers as values and their reproducible tar form: the same entries give the same bytes, hence the
 * same digest, on every machine and at every time.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.oci.layer;
