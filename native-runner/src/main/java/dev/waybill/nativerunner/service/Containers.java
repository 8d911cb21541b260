package dev.waybill.nativerunner.service;

import dev.waybill.kernel.Digest;
import dev.waybill.nativerunner.cgroup.CgroupPlan;
import dev.waybill.nativerunner.launch.Executor;
import dev.waybill.nativerunner.launch.LaunchFailedException;
import dev.waybill.nativerunner.launch.Pids;
import dev.waybill.nativerunner.launch.StartSocket;
import dev.waybill.nativerunner.plan.Compiler;
import dev.waybill.nativerunner.plan.Launch;
import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.plan.Phase;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Spec;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Pattern;

/** The table of containers, and their birth and start. */
final class Containers {
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");
  private static final long LOG_BYTES_MAX = 10L << 20;
  private static final int LOG_FILES_MAX = 3;
  private static final int SIGKILL = 9;

  private final Path root;
  private final Host host;
  private final ExitFollower follower;
  private final Map<String, Container> table = new ConcurrentHashMap<>();
  private final Set<Path> cgroupParents = ConcurrentHashMap.newKeySet();

  Containers(Path root, Host host) {
    this.root = root;
    this.host = host;
    this.follower = new ExitFollower(host);
  }

  /** What Create asks for. */
  record Wish(
      String id,
      String bundle,
      String logPath,
      long logBytesMax,
      int logFilesMax,
      boolean tty,
      boolean stdin,
      Launch.Begin begin,
      Map<String, String> annotations) {}

  /** What Create made. */
  record Created(
      Container container,
      LaunchPlan plan,
      Digest digest,
      Executor.Launched launched,
      long compileNs) {}

  Container get(String id) throws RunnerException {
    Container container = table.get(id);
    if (container == null) {
      throw new RunnerException(RunnerException.Kind.NOT_FOUND, "no container '" + id + "'");
    }
    return container;
  }

  List<Container> all() {
    return table.values().stream()
        .sorted(java.util.Comparator.comparing(c -> c.entry().id()))
        .toList();
  }

  void put(Container container) {
    table.put(container.entry().id(), container);
    for (String directory : container.entry().cgroups().values()) {
      Path parent = Path.of(directory).getParent();
      if (parent != null) {
        cgroupParents.add(parent);
      }
    }
  }

  /**
   * Removes the cgroups that containers shared and that are empty now. Only at the service's end:
   * in between, a container that is being made may need them.
   */
  void removeEmptyCgroupParents() {
    for (Path parent : cgroupParents) {
      boolean mount =
          host.facts().cgroups().v1().containsValue(parent.toString())
              || host.facts().cgroups().unified().equals(parent.toString());
      if (!mount) {
        parent.toFile().delete(); // fails for one that is not empty or gone, as it should be
      }
    }
  }

  void forget(Container container) {
    table.remove(container.entry().id(), container);
  }

  StateDir stateDir(String id) {
    return new StateDir(root.resolve(id));
  }

  ExitFollower follower() {
    return follower;
  }

  /** Compiles the plan of a bundle; nothing is done. */
  LaunchPlan plan(String id, String bundle) throws RunnerException, IOException {
    Launch.Stdio stdio =
        new Launch.Stdio.Monitored("", LOG_BYTES_MAX, LOG_FILES_MAX, false, false, true);
    return compile(
        new Launch(id, bundle, stateDir(id).path().toString(), stdio, Bundle.read(bundle)));
  }

  LaunchPlan compile(Launch launch) throws RunnerException {
    try {
      return Compiler.compile(launch, host.facts());
    } catch (RefusedSpecException e) {
      throw RunnerException.of(RunnerException.Kind.INVALID, e);
    } catch (IllegalArgumentException e) {
      throw new RunnerException(RunnerException.Kind.INVALID, "config.json: " + e.getMessage());
    }
  }

  /** Makes a container, and has its program executed at once where that is wished. */
  Created create(Wish wish) throws RunnerException, IOException {
    check(wish);
    long begun = System.nanoTime();
    Spec spec = Bundle.read(wish.bundle());
    Launch launch = launch(wish, wish.tty() ? Bundle.withTerminal(spec) : spec);
    LaunchPlan plan = compile(launch);
    byte[] encoded = plan.encode();
    Digest digest = Digest.of(encoded);
    long compileNs = System.nanoTime() - begun;
    StateDir dir = stateDir(wish.id());
    try {
      dir.make();
    } catch (FileAlreadyExistsException e) {
      throw new RunnerException(
          RunnerException.Kind.ALREADY_EXISTS, "a container '" + wish.id() + "' exists already");
    }
    ContainerRecord entry = entry(wish, launch.spec(), digest);
    Executor.Launched launched = launchOrUndo(dir, entry, plan, encoded);
    dir.giveSocketTo(host.uid());
    Pids pids = new Pids(launched.pid(), launched.pidStart(), launched.monitorPid(), 0);
    Container container =
        new Container(entry, dir, pids, entry.startedAtNs(), new Execs(dir.path(), host, follower));
    put(container);
    follower.follow(dir.path(), pids, launched.alive(), exit -> Lifecycle.ended(container, exit));
    return new Created(container, plan, digest, launched, compileNs);
  }

  private Executor.Launched launchOrUndo(
      StateDir dir, ContainerRecord entry, LaunchPlan plan, byte[] encoded)
      throws RunnerException, IOException {
    boolean launched = false;
    try {
      entry.write(dir);
      if (plan.has(Phase.POSTSTOP)) {
        dir.write(Executor.PLAN, encoded); // its bundle may be gone when it is deleted
      }
      Executor.Launched result = host.executor().launch(plan, encoded);
      launched = true;
      return result;
    } catch (LaunchFailedException e) {
      throw RunnerException.of(e);
    } finally {
      if (!launched) {
        dir.remove(); // the executor has undone everything else
      }
    }
  }

  private void check(Wish wish) throws RunnerException {
    if (!ID.matcher(wish.id()).matches()) {
      throw invalid(
          "id '"
              + wish.id()
              + "' is not 1 to 128 letters, digits, '_', '-', '.', first no dash or dot");
    }
    if (!wish.logPath().isEmpty() && !wish.logPath().startsWith("/")) {
      throw invalid("log_path '" + wish.logPath() + "' is not absolute");
    }
    StateDir dir = stateDir(wish.id());
    if (!dir.socketsFit()) {
      throw invalid(
          dir.attachSocket() + " is longer than a socket's name may be; use a shorter id");
    }
  }

  private static RunnerException invalid(String message) {
    return new RunnerException(RunnerException.Kind.INVALID, message);
  }

  private Launch launch(Wish wish, Spec spec) {
    Launch.Stdio stdio =
        new Launch.Stdio.Monitored(
            wish.logPath(),
            wish.logBytesMax() == 0 ? LOG_BYTES_MAX : wish.logBytesMax(),
            wish.logFilesMax() == 0 ? LOG_FILES_MAX : wish.logFilesMax(),
            wish.stdin(),
            false,
            true);
    return new Launch(
        wish.id(),
        wish.bundle(),
        stateDir(wish.id()).path().toString(),
        stdio,
        Launch.Pivot.PIVOT,
        Launch.Keyring.OWN,
        wish.begin(),
        spec);
  }

  private ContainerRecord entry(Wish wish, Spec spec, Digest digest) throws RunnerException {
    SequencedMap<String, String> annotations = new LinkedHashMap<>(wish.annotations());
    spec.annotations().forEach(annotations::putIfAbsent);
    boolean tty = spec.process() != null && spec.process().terminal();
    long nowNs = host.clock().nowNs();
    return new ContainerRecord(
        wish.id(),
        wish.bundle(),
        wish.logPath(),
        tty,
        digest.toString(),
        cgroups(wish, spec).paths(),
        annotations,
        nowNs,
        wish.begin() == Launch.Begin.AT_ONCE ? nowNs : 0);
  }

  private CgroupPlan cgroups(Wish wish, Spec spec) throws RunnerException {
    try {
      return Compiler.cgroups(spec, wish.id(), host.facts());
    } catch (RefusedSpecException e) {
      throw RunnerException.of(RunnerException.Kind.INVALID, e);
    }
  }

  /** Lets a created container execute its program; how long that took, in nanoseconds. */
  long start(Container container, LaunchPlan plan) throws RunnerException, IOException {
    container.change().lock();
    try {
      if (container.status() != Container.Status.CREATED) {
        throw new RunnerException(
            RunnerException.Kind.WRONG_STATE,
            "container '%s' is %s, only a created one can be started"
                .formatted(container.entry().id(), Messages.word(container.status())));
      }
      long begun = System.nanoTime();
      long startedAtNs = host.clock().nowNs();
      startAndTell(container, plan);
      runHooks(container, plan, Phase.POSTSTART);
      container.setStartedAtNs(startedAtNs);
      container.dir().writeStarted(startedAtNs);
      return System.nanoTime() - begun;
    } catch (LaunchFailedException e) {
      throw RunnerException.of(e);
    } finally {
      container.change().unlock();
    }
  }

  /** Hooks outside; one that fails is warned about, or ends the container where it must. */
  void runHooks(Container container, LaunchPlan plan, Phase phase)
      throws IOException, LaunchFailedException {
    try {
      host.executor().runHooks(plan, phase, container.pids().pid());
    } catch (LaunchFailedException e) {
      host.kernel().signal(container.pids().pid(), SIGKILL);
      throw e;
    }
  }

  private static void startAndTell(Container container, LaunchPlan plan)
      throws IOException, LaunchFailedException {
    container.startBegins();
    String failure = "";
    try {
      StartSocket.start(container.dir().path(), plan);
    } catch (LaunchFailedException e) {
      failure = e.message();
      throw e;
    } finally {
      container.startDone(failure);
    }
  }

  /** The plan of a container that exists, compiled again from its bundle. */
  LaunchPlan planAgain(Container container) throws RunnerException, IOException {
    ContainerRecord entry = container.entry();
    Spec spec = Bundle.read(entry.bundle());
    Wish wish =
        new Wish(
            entry.id(),
            entry.bundle(),
            entry.logPath(),
            0,
            0,
            entry.tty(),
            false,
            Launch.Begin.WHEN_STARTED,
            Map.of());
    return compile(launch(wish, entry.tty() ? Bundle.withTerminal(spec) : spec));
  }
}
