/** Workloads, their slots, and how long to wait before the next attempt. */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling.workload;
