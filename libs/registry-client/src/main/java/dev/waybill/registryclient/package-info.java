/**
 * Talks to OCI and Docker registries: anonymous, with a password or with a token; TLS everywhere
 * but on this machine; redirects judged, silence and busy answers bounded by {@link
 * dev.waybill.registryclient.ConnectionLimits}. What is asked is described by {@code
 * dev.waybill.oci.distribution}.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.registryclient;
