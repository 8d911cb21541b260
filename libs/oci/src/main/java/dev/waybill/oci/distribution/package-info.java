/**
 * The words of the OCI distribution API: requests to a registry as values, the meaning of its
 * answers, error codes and authentication challenges. No I/O: a caller performs the request and
 * hands back status and headers.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.oci.distribution;
