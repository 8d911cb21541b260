package dev.waybill.nativerunner.plan;

import dev.waybill.oci.runtime.Spec;

/**
 * What is to be launched, and where.
 *
 * @param id the container's id
 * @param bundle absolute directory of config.json; relative paths in it start here
 * @param stateDir absolute directory that the runner keeps the container's state in
 * @param stdio where the process's stdio goes
 * @param spec the configuration, which {@link dev.waybill.nativerunner.spec.SpecRules} found good
 */
public record Launch(String id, String bundle, String stateDir, Stdio stdio, Spec spec) {

  /** Where the stdio of a process goes. */
  public sealed interface Stdio {
    /** The executor's own stdio, as the OCI command line wants it. */
    record Inherited(int keepFds) implements Stdio {}

    /** A terminal whose master is sent to a socket. */
    record ConsoleSocket(String path, int keepFds) implements Stdio {}

    /**
     * The monitor.
     *
     * @param logPath empty keeps no log
     * @param stdin whether attach clients can write to it
     * @param hold whether output waits for the first client
     * @param output whether output is served at all; else it goes to /dev/null
     */
    record Monitored(
        String logPath,
        long logBytesMax,
        int logFilesMax,
        boolean stdin,
        boolean hold,
        boolean output)
        implements Stdio {}
  }
}
