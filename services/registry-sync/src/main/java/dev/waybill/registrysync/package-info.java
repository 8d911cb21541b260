/**
 * Decides what supply may enter: which images may run, and which upstream tags are mirrored.
 *
 * <p>In: policies and pull requests from {@code waybill.workloads}, containers that ask for an
 * image from {@code waybill.scheduling}, results from {@code waybill.images}, and its own
 * observations of upstreams. Out: {@code waybill.registry}. The image service pulls what is
 * admitted, and nothing else: no first pull is unchecked. Scheduling starts what is released, and
 * nothing else: no first start is unproven (package {@code gate}).
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.registrysync;
