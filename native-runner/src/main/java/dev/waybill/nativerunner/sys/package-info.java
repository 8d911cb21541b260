/**
 * The one door to the kernel: {@link dev.waybill.nativerunner.sys.Kernel} is the port, in terms of
 * what the runner needs; {@link dev.waybill.nativerunner.sys.LinuxKernel} implements it with
 * jnr-posix for what POSIX has and foreign functions for what is Linux only. A failed call is
 * raised here, once, as a {@link dev.waybill.nativerunner.sys.SyscallException} with call,
 * arguments and errno.
 */
@org.jspecify.annotations.NullMarked
package dev.waybill.nativerunner.sys;
