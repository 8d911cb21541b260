/**
 * The OCI runtime-spec's {@code config.json}: records for what Linux containers use, and their
 * codec. Pure. Reading tolerates unknown members (newer specs add some) and refuses wrong types
 * with the path of the member; what a combination of members means is decided by the runtime.
 *
 * @see <a href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md">runtime-spec
 *     1.2, configuration</a>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.oci.runtime;
