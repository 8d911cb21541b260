package dev.waybill.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * Our command line with a warm service, crun and runc in turn, on one bundle. {@code runtime}:
 * {@code run} of a program that ends at once. {@code exec}: the same program in a container that
 * runs. {@code rate}: create, start and delete of many containers, four at a time, as milliseconds
 * for each. Of the first two each command comes after a quiet moment, as a person's or an engine's
 * does; one right after the other is told beside it: there the kernel is still ready to move
 * processes between cgroups of version 1, for which it otherwise waits milliseconds, and other
 * runtimes gain. crun refuses hybrid cgroups, so it runs in a mount namespace without the unified
 * mount; entering that is measured and taken off its time.
 */
final class RuntimeBench {
  private static final int RUNS = 60;
  private static final int WARM_UP = 10;
  private static final int CONTAINERS = 500;

  /** Until both virtual machines, the service's and this one, have compiled what a call needs. */
  private static final int WARM_CALLS = 2_000;

  private static final int AT_ONCE = 4;

  /** Longer than the kernel stays ready after a process was moved. */
  private static final Duration QUIET = Duration.ofMillis(100);

  /** Of each container in a batch: create, start, delete. */
  private static final int COMMANDS = 3;

  private final Path home;
  private final Path directory;
  private final Path bundle;

  private RuntimeBench(Path home, Path directory) {
    this.home = home;
    this.directory = directory;
    this.bundle = directory.resolve("bundle");
  }

  /** One of the three; its command with its state directory. */
  private record Contender(String name, List<String> command, boolean hidden) {
    List<String> with(String... words) {
      List<String> all = new ArrayList<>(command);
      all.addAll(List.of(words));
      return all;
    }
  }

  /** What is measured of one contender. */
  private interface Measure {
    double ms(Contender contender, PeerNamespace namespace, int number)
        throws IOException, InterruptedException;
  }

  static Result runs(Path home) throws IOException, InterruptedException {
    return in(home, RuntimeBench::runsAndCalls);
  }

  /** The command line is ours; the service's call, one in each round, is told beside it. */
  private Result runsAndCalls() throws IOException, InterruptedException {
    try (RunnerService service = new RunnerService(directory.resolve("r/runner.sock"))) {
      for (int i = 0; i < WARM_CALLS; i++) {
        service.run("warm-" + i, bundle);
      }
      return quietThenBusy(pause -> runsAndCalls(service, pause));
    }
  }

  private Result runsAndCalls(RunnerService service, Duration pause)
      throws IOException, InterruptedException {
    var calls = new Samples();
    Result result =
        measure(
            "runtime",
            pause,
            (contender, namespace, number) -> {
              if (contender.name().equals("waybill")) {
                double ms = service.run("call-" + number, bundle);
                if (number >= WARM_UP) {
                  calls.add(ms);
                }
                Thread.sleep(pause);
              }
              return run(contender, namespace, number);
            });
    ObjectNode told = result.extra().putObject("service");
    told.set("ms", calls.json());
    for (String peer : List.of("runc", "crun")) {
      if (result.has(peer)) {
        told.put("ratio_" + peer, calls.ratio(result.peer(peer)));
      }
    }
    return result;
  }

  private interface Paused {
    Result with(Duration pause) throws IOException, InterruptedException;
  }

  private static Result quietThenBusy(Paused measure) throws IOException, InterruptedException {
    Result quiet = measure.with(QUIET);
    quiet.extra().set("oneAfterAnother", measure.with(Duration.ZERO).json());
    return quiet;
  }

  static Result execs(Path home) throws IOException, InterruptedException {
    return in(
        home,
        b -> {
          for (Contender contender : b.contenders(new Result("exec", "ms"))) {
            b.holdOpen(contender);
          }
          try {
            return quietThenBusy(pause -> b.measure("exec", pause, b::exec));
          } finally {
            for (Contender contender : b.contenders(new Result("exec", "ms"))) {
              b.hidden(contender, contender.with("delete", "--force", "held"));
            }
          }
        });
  }

  static Result rate(Path home) throws IOException, InterruptedException {
    return in(home, b -> b.measure("rate", Duration.ZERO, 0, 1, b::batch));
  }

  private interface Work {
    Result of(RuntimeBench bench) throws IOException, InterruptedException;
  }

  private static Result in(Path home, Work work) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("wbb");
    try {
      var bench = new RuntimeBench(home, directory);
      bench.makeBundle();
      return bench.withService(work);
    } finally {
      BenchPlatform.delete(directory);
    }
  }

  private Path runner() {
    return home.resolve("native-runner/bin/waybill-runner");
  }

  private Result withService(Work work) throws IOException, InterruptedException {
    Process service =
        new ProcessBuilder(
                runner().toString(), "service", "--root", directory.resolve("r").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("service.log").toFile())
            .start();
    try {
      awaitReady(service);
      return work.of(this);
    } finally {
      service.destroy();
      service.waitFor();
    }
  }

  private List<Contender> contenders(Result result) {
    List<Contender> contenders = new ArrayList<>();
    contenders.add(contender("waybill", runner().toString(), "r", false));
    for (String name : List.of("runc", "crun")) {
      Optional<Path> program = Programs.find(name);
      if (program.isEmpty()) {
        result.skip(name, "not installed");
      } else {
        contenders.add(contender(name, program.get().toString(), name, name.equals("crun")));
      }
    }
    return contenders;
  }

  private Contender contender(String name, String program, String root, boolean hidden) {
    return new Contender(
        name, List.of(program, "--root", directory.resolve(root).toString()), hidden);
  }

  private Result measure(String name, Duration pause, Measure measure)
      throws IOException, InterruptedException {
    return measure(name, pause, WARM_UP, RUNS, measure);
  }

  private Result measure(String name, Duration pause, int warmUp, int runs, Measure measure)
      throws IOException, InterruptedException {
    var result = new Result(name, "ms");
    try (PeerNamespace namespace = PeerNamespace.open()) {
      for (int i = 0; i < warmUp + runs; i++) {
        for (Contender contender : contenders(result)) {
          Thread.sleep(pause);
          double ms = measure.ms(contender, namespace, i);
          if (i >= warmUp) {
            boolean ours = contender.name().equals("waybill");
            (ours ? result.ours() : result.peer(contender.name())).add(ms);
          }
        }
      }
    }
    return result;
  }

  private static double timed(Contender contender, PeerNamespace namespace, List<String> command)
      throws IOException, InterruptedException {
    return contender.hidden() ? namespace.time(command) : Programs.time(command);
  }

  private double run(Contender contender, PeerNamespace namespace, int number)
      throws IOException, InterruptedException {
    return timed(
        contender,
        namespace,
        contender.with("run", "--bundle", bundle.toString(), contender.name() + number));
  }

  private double exec(Contender contender, PeerNamespace namespace, int number)
      throws IOException, InterruptedException {
    return timed(contender, namespace, contender.with("exec", "held", "/tool"));
  }

  /** A container that stays, for others to be executed in. */
  private void holdOpen(Contender contender) throws IOException, InterruptedException {
    ObjectNode config = config();
    config.withObject("/process").withArray("/args").add("wait");
    Path held = Files.createDirectories(directory.resolve("held"));
    ((ObjectNode) config.path("root")).put("path", bundle.resolve("rootfs").toString());
    Files.writeString(held.resolve("config.json"), config.toPrettyString());
    hidden(contender, contender.with("run", "--detach", "--bundle", held.toString(), "held"));
  }

  private void hidden(Contender contender, List<String> command)
      throws IOException, InterruptedException {
    try (PeerNamespace namespace = PeerNamespace.open()) {
      timed(contender, namespace, command);
    }
  }

  /** Milliseconds for each container of a batch. */
  private double batch(Contender contender, PeerNamespace namespace, int number)
      throws IOException, InterruptedException {
    long begun = System.nanoTime();
    List<Future<?>> futures = new ArrayList<>();
    try (var tasks = Executors.newFixedThreadPool(AT_ONCE)) {
      for (int i = 0; i < CONTAINERS; i++) {
        String id = contender.name() + "-" + i;
        futures.add(tasks.submit(() -> life(contender, namespace, id)));
      }
    }
    double ms = (System.nanoTime() - begun) / 1e6;
    if (contender.hidden()) {
      ms -= namespace.enterMs() * COMMANDS * CONTAINERS / AT_ONCE;
    }
    for (Future<?> future : futures) {
      try {
        future.get();
      } catch (ExecutionException e) {
        throw new IllegalStateException(contender.name(), e.getCause());
      }
    }
    return ms / CONTAINERS;
  }

  private Void life(Contender contender, PeerNamespace namespace, String id)
      throws IOException, InterruptedException {
    timed(contender, namespace, contender.with("create", "--bundle", bundle.toString(), id));
    timed(contender, namespace, contender.with("start", id));
    timed(contender, namespace, contender.with("delete", "--force", id));
    return null;
  }

  private void awaitReady(Process service) throws IOException, InterruptedException {
    Path log = directory.resolve("service.log");
    while (!Files.readString(log).contains("ready ")) {
      if (!service.isAlive()) {
        throw new IllegalStateException("the runner's service ended: " + Files.readString(log));
      }
      Thread.sleep(20);
    }
  }

  private void makeBundle() throws IOException {
    Path rootfs = Files.createDirectories(bundle.resolve("rootfs"));
    BenchImage.writeTool(rootfs);
    for (String name : List.of("proc", "dev", "sys")) {
      Files.createDirectories(rootfs.resolve(name));
    }
    Files.writeString(bundle.resolve("config.json"), config().toPrettyString());
  }

  private static ObjectNode config() {
    ObjectNode config = new ObjectMapper().createObjectNode();
    config.put("ociVersion", "1.0.2");
    ObjectNode process = config.putObject("process");
    process.put("terminal", false).put("cwd", "/").put("noNewPrivileges", true);
    process.putObject("user").put("uid", 0).put("gid", 0);
    process.putArray("args").add("/tool");
    process.putArray("env").add("PATH=/");
    config.putObject("root").put("path", "rootfs").put("readonly", true);
    mount(config, "/proc", "proc", "proc", "nosuid", "noexec", "nodev");
    mount(config, "/dev", "tmpfs", "tmpfs", "nosuid", "strictatime", "mode=755", "size=65536k");
    mount(config, "/sys", "sysfs", "sysfs", "nosuid", "noexec", "nodev", "ro");
    for (String type : List.of("pid", "network", "ipc", "uts", "mount")) {
      config.withObject("/linux").withArray("/namespaces").addObject().put("type", type);
    }
    return config;
  }

  private static void mount(
      ObjectNode config, String target, String type, String source, String... options) {
    ObjectNode mount = config.withArray("/mounts").addObject();
    mount.put("destination", target).put("type", type).put("source", source);
    for (String option : options) {
      mount.withArray("/options").add(option);
    }
  }
}
