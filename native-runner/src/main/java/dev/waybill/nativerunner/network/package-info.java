/**
 * The privileged part of container networks: bridges, network namespaces with their interfaces, and
 * one nf_tables table with all rules, replaced as a whole in one transaction of the kernel. All by
 * netlink; no program of the host is called. What exists is written under the runner's root, names
 * are derived from the root, so that everything is found again after a crash and two runners on one
 * host don't meet.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.network;
