package dev.waybill.noderunner.agent;

import dev.waybill.kernel.IdSource;
import dev.waybill.noderunner.runner.RunnerClient;
import java.nio.file.Path;
import java.time.Duration;

/** What every container's thread works with. */
interface NodeParts {
  String nodeId();

  RunnerClient runner();

  Preparation preparation();

  NodeNetworks networks();

  HostPorts ports();

  Journal journal();

  RecordStore records();

  AssignmentPosition position();

  IdSource ids();

  /** The container's log, in CRI format. */
  Path logFile(String containerId);

  /** Runs {@code task} after {@code delay}, unless the node stops before. */
  void later(Duration delay, Runnable task);

  /** The node is being stopped. */
  boolean stopping();

  /** Waits; true if the node stops within that time. */
  boolean stopsWithin(Duration time);

  /** A container's record changed. */
  void changed();

  /** A container is gone for good. */
  void forget(String containerId);

  /** A container's thread ended by an error. */
  void failed(String containerId, Exception error);
}
