package dev.waybill.oci.image;

import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * How an image wants its containers to be run.
 *
 * @param user {@code user[:group]} by name or number; empty is root
 * @param exposedPorts {@code port[/protocol]}
 * @param env {@code NAME=value} in order
 * @param entrypoint the program and its fixed arguments
 * @param cmd the arguments, or the program where there is no entrypoint
 * @param volumes absolute paths that hold data
 * @param workingDir absolute path, empty is the root
 * @param labels free texts, sorted by key
 * @param stopSignal name or number of the signal that asks for an orderly end
 * @param healthcheck how to tell that the container is well, if the image says so
 * @param shell of the build, kept so that it isn't lost
 * @see <a
 *     href="https://github.com/opencontainers/image-spec/blob/v1.1.0/config.md#properties">image-spec,
 *     config</a>
 */
public record ContainerConfig(
    String user,
    SortedSet<String> exposedPorts,
    List<String> env,
    List<String> entrypoint,
    List<String> cmd,
    SortedSet<String> volumes,
    String workingDir,
    SortedMap<String, String> labels,
    @Nullable String stopSignal,
    @Nullable Healthcheck healthcheck,
    List<String> shell) {

  /** A configuration that asks for nothing. */
  public static final ContainerConfig EMPTY =
      new ContainerConfig(
          "",
          new TreeSet<>(),
          List.of(),
          List.of(),
          List.of(),
          new TreeSet<>(),
          "",
          new TreeMap<>(),
          null,
          null,
          List.of());

  public ContainerConfig {
    exposedPorts = Collections.unmodifiableSortedSet(new TreeSet<>(exposedPorts));
    env = List.copyOf(env);
    entrypoint = List.copyOf(entrypoint);
    cmd = List.copyOf(cmd);
    volumes = Collections.unmodifiableSortedSet(new TreeSet<>(volumes));
    labels = Collections.unmodifiableSortedMap(new TreeMap<>(labels));
    shell = List.copyOf(shell);
  }

  /** The same, with this entrypoint. */
  public ContainerConfig withEntrypoint(List<String> program) {
    return new ContainerConfig(
        user,
        exposedPorts,
        env,
        program,
        cmd,
        volumes,
        workingDir,
        labels,
        stopSignal,
        healthcheck,
        shell);
  }

  /** The same, with these arguments. */
  public ContainerConfig withCmd(List<String> arguments) {
    return new ContainerConfig(
        user,
        exposedPorts,
        env,
        entrypoint,
        arguments,
        volumes,
        workingDir,
        labels,
        stopSignal,
        healthcheck,
        shell);
  }

  /** The same, with this environment. */
  public ContainerConfig withEnv(List<String> environment) {
    return new ContainerConfig(
        user,
        exposedPorts,
        environment,
        entrypoint,
        cmd,
        volumes,
        workingDir,
        labels,
        stopSignal,
        healthcheck,
        shell);
  }

  /**
   * Docker's health check, which OCI images carry by custom.
   *
   * @param test {@code NONE}, {@code CMD} with arguments, or {@code CMD-SHELL} with one line
   * @param interval between checks; zero means the default of whoever runs it
   * @param timeout of one check; zero means the default
   * @param startPeriod in which failures don't count; zero is none
   * @param startInterval between checks in the start period; zero means the default
   * @param retries failures in a row until unhealthy; zero means the default
   */
  public record Healthcheck(
      List<String> test,
      Duration interval,
      Duration timeout,
      Duration startPeriod,
      Duration startInterval,
      int retries) {
    public Healthcheck {
      test = List.copyOf(test);
    }
  }
}
