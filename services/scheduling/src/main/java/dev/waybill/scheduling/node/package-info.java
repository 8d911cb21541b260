/** Nodes, what they can carry, and whether they are heard of. */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling.node;
