package dev.waybill.noderunner.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Settings of node-runner. */
@ConfigMapping(prefix = "waybill.node-runner")
public interface NodeRunnerConfig {
  /** Whether this process runs a node. */
  @WithDefault("true")
  boolean enabled();

  /** The node's id; the host's name where absent. */
  Optional<String> id();

  /** Images, containers and volumes of this node. */
  Path dataDirectory();

  /** Native-runner's socket. */
  Path runnerSocket();

  /** Secret that callers of the stream endpoints must present, and the registry's password. */
  Path tokenFile();

  /** Six hexadecimal digits that tell this node's host objects from another's on the same host. */
  String instance();

  /** Base URL at which others reach this node's streams; this process' own address where absent. */
  Optional<String> endpoint();

  /** Base URL of the platform's registry; this process' own address where absent. */
  Optional<String> registry();

  /** Name servers for names that are on no network; the host's where absent. */
  Optional<List<String>> dns();

  /** Labels for placement. */
  Map<String, String> labels();

  /**
   * How a container's root is made of its image's layers: {@code overlay}, {@code copy} or {@code
   * fuse-overlayfs}. Where absent, overlayfs if the data directory can hold one, else
   * fuse-overlayfs if it is installed, else copies.
   */
  Optional<String> graphDriver();

  /** Share of the disk above which images that nothing uses are removed. */
  @WithDefault("85")
  int imageHighPercent();

  /** Share of the disk down to which they are. */
  @WithDefault("80")
  int imageLowPercent();

  /** Processes and threads that may be promised to containers. */
  @WithDefault("30000")
  long pidsMax();
}
