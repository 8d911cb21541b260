/**
 * Decides which system calls make a container. Pure: {@code config.json}, the container's placement
 * and the host's facts in; a {@link dev.waybill.nativerunner.plan.LaunchPlan} out, with the config
 * path that each operation comes from and a note for everything that was changed to fit the host.
 *
 * <p>A plan is a flat list in four phases. <b>host</b>: by the executor before the clone, outside:
 * cgroups, namespaces to join, the clone itself. <b>parent</b>: by the executor on the new process:
 * id maps, cgroup membership. <b>container</b>: by the new process in its namespaces: mounts,
 * devices, pivot_root. <b>start</b>: by the new process once somebody starts it: limits, ids,
 * capabilities, seccomp, exec.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.plan;
