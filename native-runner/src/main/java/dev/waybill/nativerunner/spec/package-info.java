/**
 * Decides whether a {@code config.json} makes sense before anything is done about it. Pure. In: a
 * {@link dev.waybill.oci.runtime.Spec}; out: every problem with the path of its member.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.spec;
