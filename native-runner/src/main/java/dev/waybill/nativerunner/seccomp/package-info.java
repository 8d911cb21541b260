/**
 * Decides which system calls a container may make. Pure: {@code linux.seccomp} in, a classic BPF
 * program in the kernel's layout out; and the profile that a container gets when nobody says
 * otherwise. The numbers of the calls are a resource, a line each.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.seccomp;
