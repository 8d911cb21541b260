/**
 * Decides which networks there are, which address each container has, and what names stand for.
 *
 * <p>In: declared networks from {@code waybill.workloads}, containers from {@code
 * waybill.scheduling}, their life from {@code waybill.nodes}. Out: {@code waybill.networking} and,
 * for the nodes that must act, {@code waybill.assignments}. Pure; the nodes do the attaching.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.networking;
