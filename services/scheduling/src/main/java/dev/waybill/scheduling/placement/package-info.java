/**
 * Decides which node runs a container, and keeps the reasons: the best candidates' scores and, per
 * constraint, why other nodes were left out. Pure; limits: {@link
 * dev.waybill.scheduling.placement.Placer#CANDIDATES_KEPT} candidates are recorded.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.scheduling.placement;
