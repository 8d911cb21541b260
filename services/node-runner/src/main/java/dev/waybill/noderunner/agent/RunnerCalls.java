package dev.waybill.noderunner.agent;

import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.DeleteRequest;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.noderunner.runner.RunnerClient;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.file.Path;
import java.util.Optional;

/** What one container's actor asks of native-runner. */
final class RunnerCalls {
  private final RunnerClient runner;
  private final String id;

  RunnerCalls(RunnerClient runner, String id) {
    this.runner = runner;
    this.id = id;
  }

  /** Makes and starts the container of a bundle. */
  CreateResponse create(ContainerRecord record, Path bundle, Path log) {
    return runner
        .containers()
        .create(
            CreateRequest.newBuilder()
                .setId(id)
                .setBundle(bundle.toString())
                .setLogPath(log.toString())
                .setTty(record.run().getSpec().getTty())
                .setStdin(record.run().getSpec().getStdin())
                .setStart(true)
                .build());
  }

  /** The container, if its program was started at some time. */
  Optional<ContainerState> startedBefore() {
    try {
      ContainerState state = runner.containers().state(StateRequest.newBuilder().setId(id).build());
      return state.getStartedAtNs() > 0 ? Optional.of(state) : Optional.empty();
    } catch (StatusRuntimeException e) {
      if (e.getStatus().getCode() == Status.Code.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  /** Sends a signal to the first process, or to {@code all}. */
  void kill(int signal, boolean all) {
    runner
        .containers()
        .kill(KillRequest.newBuilder().setId(id).setSignal(signal).setAll(all).build());
  }

  /** Deletes what is left, running or not; nothing is left as well is fine. */
  void delete() {
    runner.containers().delete(DeleteRequest.newBuilder().setId(id).setForce(true).build());
  }
}
