/**
 * Decides how {@code linux.resources} become files of cgroups, and reads them back. One class per
 * controller knows its files in both versions of cgroups; {@link
 * dev.waybill.nativerunner.cgroup.CgroupLayout} knows where the hierarchies of the host are (v1,
 * hybrid or v2), so that nobody else has to.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.cgroup;
