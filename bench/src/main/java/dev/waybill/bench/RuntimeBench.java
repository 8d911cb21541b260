package dev.waybill.bench;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * {@code runtime}: {@code run} of a program that ends at once, on one bundle, by our command line
 * with a warm service, crun and runc in turn. crun refuses hybrid cgroups, so it runs in a mount
 * namespace without the unified mount; entering that is measured and taken off its time.
 */
final class RuntimeBench {
  private static final int RUNS = 60;
  private static final int WARM_UP = 10;

  private final Path home;
  private final Path directory;
  private final Path bundle;

  private RuntimeBench(Path home, Path directory) {
    this.home = home;
    this.directory = directory;
    this.bundle = directory.resolve("bundle");
  }

  static Result run(Path home) throws IOException, InterruptedException {
    Path directory = Files.createTempDirectory("wbb");
    try {
      return new RuntimeBench(home, directory).measure();
    } finally {
      BenchPlatform.delete(directory);
    }
  }

  private Result measure() throws IOException, InterruptedException {
    makeBundle();
    var result = new Result("runtime", "ms");
    Optional<Path> crun = Programs.find("crun");
    Optional<Path> runc = Programs.find("runc");
    Path runner = home.resolve("native-runner/bin/waybill-runner");
    String root = directory.resolve("r").toString();
    Process service =
        new ProcessBuilder(runner.toString(), "service", "--root", root)
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("service.log").toFile())
            .start();
    try (PeerNamespace namespace = PeerNamespace.open()) {
      awaitReady(service);
      for (int i = 0; i < WARM_UP + RUNS; i++) {
        Samples discard = new Samples();
        Samples ours = i < WARM_UP ? discard : result.ours();
        ours.add(
            Programs.time(
                List.of(
                    runner.toString(),
                    "--root",
                    root,
                    "run",
                    "--bundle",
                    bundle.toString(),
                    "o" + i)));
        if (runc.isPresent()) {
          Samples samples = i < WARM_UP ? discard : result.peer("runc");
          samples.add(
              Programs.time(
                  List.of(
                      runc.get().toString(),
                      "--root",
                      directory.resolve("rc").toString(),
                      "run",
                      "--bundle",
                      bundle.toString(),
                      "r" + i)));
        }
        if (crun.isPresent()) {
          Samples samples = i < WARM_UP ? discard : result.peer("crun");
          samples.add(
              namespace.time(
                  List.of(
                      crun.get().toString(),
                      "--root",
                      directory.resolve("cr").toString(),
                      "run",
                      "--bundle",
                      bundle.toString(),
                      "c" + i)));
        }
      }
    } finally {
      service.destroy();
      service.waitFor();
    }
    if (crun.isEmpty()) {
      result.skip("crun", "not installed");
    }
    if (runc.isEmpty()) {
      result.skip("runc", "not installed");
    }
    return result;
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
