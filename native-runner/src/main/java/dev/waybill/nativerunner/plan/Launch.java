package dev.waybill.nativerunner.plan;

import dev.waybill.oci.runtime.Spec;

/**
 * What is to be launched, and where.
 *
 * @param id the container's id
 * @param bundle absolute directory of config.json; relative paths in it start here
 * @param stateDir absolute directory that the runner keeps the container's state in
 * @param stdio where the process's stdio goes
 * @param pivot how the root becomes the root
 * @param begin when the program is executed
 * @param keyring whether the container gets a session keyring of its own
 * @param spec the configuration, which {@link dev.waybill.nativerunner.spec.SpecRules} found good
 */
public record Launch(
    String id,
    String bundle,
    String stateDir,
    Stdio stdio,
    Pivot pivot,
    Keyring keyring,
    Begin begin,
    Spec spec) {

  /** A launch as most are. */
  public Launch(String id, String bundle, String stateDir, Stdio stdio, Spec spec) {
    this(id, bundle, stateDir, stdio, Pivot.PIVOT, Keyring.OWN, Begin.WHEN_STARTED, spec);
  }

  /** The same for a further process: hooks are for the first one. */
  Launch withoutHooks() {
    Spec without =
        new Spec(
            spec.ociVersion(),
            spec.process(),
            spec.root(),
            spec.hostname(),
            spec.domainname(),
            spec.mounts(),
            null,
            spec.annotations(),
            spec.linux());
    return new Launch(id, bundle, stateDir, stdio, pivot, keyring, begin, without);
  }

  /** How the root becomes the root. */
  public enum Pivot {
    /** By pivot_root(2). */
    PIVOT,
    /** By moving it, on a host whose root is an initramfs. */
    MOVE
  }

  /** When the program is executed. */
  public enum Begin {
    /** When somebody starts the created container. */
    WHEN_STARTED,
    /** As soon as the container is made, for whoever creates and starts in one go. */
    AT_ONCE
  }

  /** Which session keyring the processes have. */
  public enum Keyring {
    /** One of the container's own. */
    OWN,
    /** That of whoever launches it. */
    INHERITED
  }

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
