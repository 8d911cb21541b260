package dev.waybill.nativerunner.service;

import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.sys.Kernel;

/**
 * What every part of the service works with.
 *
 * @param uid a user besides root that may attach; -1 for none
 */
record Host(
    HostFacts facts,
    Kernel kernel,
    Executor executor,
    Kernel.ExitWatch watch,
    Clock clock,
    int uid) {}
