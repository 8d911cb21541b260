/**
 * The registry's side of the OCI distribution API (1.1) without HTTP: a call in, a reply out.
 * Decides status, headers and error codes; bytes of a push come as a stream and are hashed on the
 * way to disk, bytes of a pull leave as a slice of a file.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#endpoints">distribution-spec,
 *     endpoints</a>
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.image.distribution;
