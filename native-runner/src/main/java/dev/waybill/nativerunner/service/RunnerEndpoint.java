package dev.waybill.nativerunner.service;

import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.DeleteRequest;
import dev.waybill.contracts.runner.v1.DeleteResponse;
import dev.waybill.contracts.runner.v1.ExecRequest;
import dev.waybill.contracts.runner.v1.ExecResponse;
import dev.waybill.contracts.runner.v1.InfoRequest;
import dev.waybill.contracts.runner.v1.InfoResponse;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.KillResponse;
import dev.waybill.contracts.runner.v1.ListRequest;
import dev.waybill.contracts.runner.v1.ListResponse;
import dev.waybill.contracts.runner.v1.PauseRequest;
import dev.waybill.contracts.runner.v1.PauseResponse;
import dev.waybill.contracts.runner.v1.PlanRequest;
import dev.waybill.contracts.runner.v1.PlanResponse;
import dev.waybill.contracts.runner.v1.ResumeRequest;
import dev.waybill.contracts.runner.v1.ResumeResponse;
import dev.waybill.contracts.runner.v1.RunRequest;
import dev.waybill.contracts.runner.v1.RunResponse;
import dev.waybill.contracts.runner.v1.RunnerGrpc;
import dev.waybill.contracts.runner.v1.StartRequest;
import dev.waybill.contracts.runner.v1.StartResponse;
import dev.waybill.contracts.runner.v1.StateRequest;
import dev.waybill.contracts.runner.v1.StatsRequest;
import dev.waybill.contracts.runner.v1.StatsResponse;
import dev.waybill.contracts.runner.v1.UpdateRequest;
import dev.waybill.contracts.runner.v1.UpdateResponse;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import dev.waybill.nativerunner.cgroup.ContainerCgroup;
import dev.waybill.nativerunner.launch.LaunchFailedException;
import dev.waybill.nativerunner.launch.Pids;
import dev.waybill.nativerunner.plan.ExecCompiler;
import dev.waybill.nativerunner.plan.Launch;
import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.plan.Phase;
import dev.waybill.nativerunner.plan.PlanText;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/** The service Runner of the API. */
final class RunnerEndpoint extends RunnerGrpc.RunnerImplBase {
  private final Path root;
  private final Host host;
  private final Containers containers;
  private final Lifecycle lifecycle;
  private final Executor threads;

  RunnerEndpoint(Path root, Host host, Containers containers, Executor threads) {
    this.root = root;
    this.host = host;
    this.containers = containers;
    this.lifecycle = new Lifecycle(containers, host);
    this.threads = threads;
  }

  @Override
  public void create(CreateRequest request, StreamObserver<CreateResponse> observer) {
    Launch.Begin begin = request.getStart() ? Launch.Begin.AT_ONCE : Launch.Begin.WHEN_STARTED;
    Answer.with(observer, () -> Messages.created(create(request, begin), request.getStart()));
  }

  private Containers.Created create(CreateRequest request, Launch.Begin begin)
      throws RunnerException, IOException {
    Containers.Created created =
        containers.create(
            new Containers.Wish(
                request.getId(),
                request.getBundle(),
                request.getLogPath(),
                request.getLogMaxBytes(),
                request.getLogMaxFiles(),
                request.getTty(),
                request.getStdin(),
                begin,
                request.getAnnotationsMap()));
    if (begin == Launch.Begin.AT_ONCE) {
      try {
        containers.runHooks(created.container(), created.plan(), Phase.POSTSTART);
      } catch (LaunchFailedException e) {
        lifecycle.delete(created.container(), true);
        throw RunnerException.of(e);
      }
    }
    return created;
  }

  @Override
  public void run(RunRequest request, StreamObserver<RunResponse> observer) {
    Answer.then(
        observer,
        () -> create(request.getContainer(), Launch.Begin.AT_ONCE),
        created ->
            created
                .container()
                .exit()
                .thenAcceptAsync(
                    exit -> Answer.with(observer, () -> ended(created, exit)), threads));
  }

  private RunResponse ended(Containers.Created created, Exit exit)
      throws RunnerException, IOException {
    lifecycle.delete(created.container(), false);
    return RunResponse.newBuilder()
        .setCreated(Messages.created(created, true))
        .setExit(Messages.exit(created.container(), exit))
        .build();
  }

  @Override
  public void start(StartRequest request, StreamObserver<StartResponse> observer) {
    Answer.with(
        observer,
        () -> {
          Container container = containers.get(request.getId());
          long ns = containers.start(container, containers.planAgain(container));
          return StartResponse.newBuilder().setStartNs(ns).build();
        });
  }

  @Override
  public void kill(KillRequest request, StreamObserver<KillResponse> observer) {
    Answer.with(
        observer,
        () -> {
          Container container = containers.get(request.getId());
          boolean delivered;
          if (request.getExecId().isEmpty()) {
            delivered = lifecycle.kill(container, request.getSignal(), request.getAll());
          } else {
            Pids pids = container.execs().get(request.getExecId()).pids();
            delivered =
                Pids.isAlive(pids.pid(), pids.pidStart())
                    && host.kernel().signal(pids.pid(), request.getSignal());
          }
          return KillResponse.newBuilder().setDelivered(delivered).build();
        });
  }

  @Override
  public void delete(DeleteRequest request, StreamObserver<DeleteResponse> observer) {
    Answer.with(
        observer,
        () -> {
          Container container;
          try {
            container = containers.get(request.getId());
          } catch (RunnerException gone) {
            return DeleteResponse.newBuilder().setExisted(false).build();
          }
          lifecycle.delete(container, request.getForce());
          return DeleteResponse.newBuilder().setExisted(true).build();
        });
  }

  @Override
  public void exec(ExecRequest request, StreamObserver<ExecResponse> observer) {
    Answer.with(observer, () -> exec(request));
  }

  private ExecResponse exec(ExecRequest request) throws RunnerException, IOException {
    Container container = containers.get(request.getId());
    if (container.status() != Container.Status.RUNNING) {
      throw new RunnerException(
          RunnerException.Kind.WRONG_STATE,
          "container '%s' is %s, only a running one can execute a process"
              .formatted(request.getId(), Messages.word(container.status())));
    }
    Spec spec = Bundle.read(container.entry().bundle());
    if (spec.process() == null) {
      throw new RunnerException(RunnerException.Kind.INVALID, "process: missing in config.json");
    }
    ContainerProcess process = ExecWish.process(request, spec.process(), host.facts());
    Execs.Slot slot = container.execs().reserve(request.getExecId());
    boolean attached = !request.getDetach();
    Launch launch =
        new Launch(
            request.getId(),
            container.entry().bundle(),
            slot.dir().path().toString(),
            new Launch.Stdio.Monitored("", 0, 0, request.getStdin(), attached, attached),
            spec);
    Pids target = container.pids();
    LaunchPlan plan;
    try {
      plan =
          ExecCompiler.compile(
              launch,
              process,
              new ExecCompiler.Target(target.pid(), target.pidStart()),
              host.facts());
    } catch (RefusedSpecException e) {
      slot.dir().remove();
      throw RunnerException.of(RunnerException.Kind.INVALID, e);
    }
    Execs.Exec exec = container.execs().launch(slot, plan);
    return ExecResponse.newBuilder()
        .setExecId(exec.id())
        .setPid(exec.pids().pid())
        .setAttachSocket(attached || process.terminal() ? exec.dir().attachSocket().toString() : "")
        .build();
  }

  @Override
  public void waitExit(WaitExitRequest request, StreamObserver<WaitExitResponse> observer) {
    Answer.then(
        observer,
        () -> exit(request),
        exit -> {
          if (request.getTimeoutMs() > 0) {
            exit.completeOnTimeout(
                WaitExitResponse.getDefaultInstance(),
                request.getTimeoutMs(),
                TimeUnit.MILLISECONDS);
          }
          exit.thenAccept(response -> Answer.with(observer, () -> response));
        });
  }

  private CompletableFuture<WaitExitResponse> exit(WaitExitRequest request) throws RunnerException {
    Container container = containers.get(request.getId());
    return request.getExecId().isEmpty()
        ? container.exit().thenApply(exit -> Messages.exit(container, exit))
        : container.execs().get(request.getExecId()).exit().thenApply(Messages::exit);
  }

  @Override
  public void state(StateRequest request, StreamObserver<ContainerState> observer) {
    Answer.with(observer, () -> Messages.state(containers.get(request.getId())));
  }

  @Override
  public void list(ListRequest request, StreamObserver<ListResponse> observer) {
    Answer.with(
        observer,
        () ->
            ListResponse.newBuilder()
                .addAllContainers(containers.all().stream().map(Messages::state).toList())
                .build());
  }

  @Override
  public void stats(StatsRequest request, StreamObserver<StatsResponse> observer) {
    Answer.with(
        observer, () -> Measurements.of(containers.get(request.getId()), host.clock().nowNs()));
  }

  @Override
  public void pause(PauseRequest request, StreamObserver<PauseResponse> observer) {
    Answer.with(
        observer,
        () -> {
          lifecycle.freeze(containers.get(request.getId()), ContainerCgroup.Freeze.FROZEN);
          return PauseResponse.getDefaultInstance();
        });
  }

  @Override
  public void resume(ResumeRequest request, StreamObserver<ResumeResponse> observer) {
    Answer.with(
        observer,
        () -> {
          lifecycle.freeze(containers.get(request.getId()), ContainerCgroup.Freeze.THAWED);
          return ResumeResponse.getDefaultInstance();
        });
  }

  @Override
  public void update(UpdateRequest request, StreamObserver<UpdateResponse> observer) {
    Answer.with(
        observer,
        () -> {
          try {
            lifecycle.update(
                containers.get(request.getId()),
                SpecCodec.readResources(request.getResourcesJson().toByteArray()));
          } catch (SpecFormatException e) {
            throw RunnerException.of(RunnerException.Kind.INVALID, e);
          }
          return UpdateResponse.getDefaultInstance();
        });
  }

  @Override
  public void plan(PlanRequest request, StreamObserver<PlanResponse> observer) {
    Answer.with(
        observer,
        () -> {
          String id = request.getId().isEmpty() ? "plan" : request.getId();
          LaunchPlan plan = containers.plan(id, request.getBundle());
          return PlanResponse.newBuilder()
              .setText(PlanText.of(plan))
              .setJson(PlanText.json(plan))
              .setDigest(plan.digest().toString())
              .addAllNotes(plan.notes())
              .build();
        });
  }

  @Override
  public void info(InfoRequest request, StreamObserver<InfoResponse> observer) {
    Answer.with(observer, () -> HostInfo.of(root, host.facts()));
  }
}
