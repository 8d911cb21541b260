package dev.waybill.nativerunner.service;

/**
 * How a process ended.
 *
 * @param code exit code, or 128 + signal
 * @param signal that ended it; 0 for none
 * @param oomKilled whether the kernel killed a process of the container for lack of memory
 * @param memoryPeak highest memory use; 0 when unknown
 * @param memoryLimit 0 for none
 * @param atNs Unix nanoseconds
 * @param reason when the end was not the program's doing; else empty
 */
record Exit(
    int code,
    int signal,
    boolean oomKilled,
    long memoryPeak,
    long memoryLimit,
    long atNs,
    String reason) {}
