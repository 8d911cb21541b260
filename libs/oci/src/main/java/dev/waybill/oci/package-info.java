/** OCI image, distribution and runtime types with their codecs. No network, no file system. */
@org.jspecify.annotations.NullMarked
package dev.waybill.oci;
