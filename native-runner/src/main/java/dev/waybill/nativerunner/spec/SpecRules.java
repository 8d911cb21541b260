package dev.waybill.nativerunner.spec;

import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.Spec;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What must hold within a configuration, whatever the host. */
public final class SpecRules {
  private static final Set<String> NAMESPACES =
      Set.of("pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time");
  private static final Set<String> IPC_SYSCTLS =
      Set.of(
          "kernel.msgmax",
          "kernel.msgmnb",
          "kernel.msgmni",
          "kernel.sem",
          "kernel.shmall",
          "kernel.shmmax",
          "kernel.shmmni",
          "kernel.shm_rmid_forced");

  private final List<Problem> problems = new ArrayList<>();

  private SpecRules() {}

  /** Every problem of a configuration; empty for a good one. */
  public static List<Problem> check(Spec spec) {
    SpecRules rules = new SpecRules();
    rules.checkTop(spec);
    rules.checkNamespaces(spec.linux());
    rules.checkUser(spec.linux());
    rules.checkSysctl(spec.linux());
    rules.checkNetDevices(spec.linux());
    if (spec.linux().resources() != null) {
      rules.checkBlockIo(spec.linux().resources().blockIO());
    }
    rules.checkDevices(spec.linux());
    rules.checkPaths("linux.maskedPaths", spec.linux().maskedPaths());
    rules.checkPaths("linux.readonlyPaths", spec.linux().readonlyPaths());
    if (spec.hooks() != null) {
      rules.checkHooks(spec.hooks());
    }
    if (spec.process() != null) {
      rules.checkProcess(spec.process());
      rules.checkCapabilities(spec.ociVersion(), spec.process());
    }
    return List.copyOf(rules.problems);
  }

  /** Every problem of a process that is to be executed in a container. */
  public static List<Problem> check(ContainerProcess process) {
    SpecRules rules = new SpecRules();
    rules.checkProcess(process);
    return List.copyOf(rules.problems);
  }

  private void add(String path, String message) {
    problems.add(new Problem(path, message));
  }

  private void checkTop(Spec spec) {
    String version = spec.ociVersion();
    if (!version.startsWith("1.")) {
      add("ociVersion", "'" + version + "' is not a version 1 of the runtime-spec");
    }
    if (spec.root() == null || spec.root().path().isEmpty()) {
      add("root.path", "missing; say where the root filesystem is");
    }
    for (int i = 0; i < spec.mounts().size(); i++) {
      if (spec.mounts().get(i).destination().isEmpty()) {
        add("mounts[" + i + "].destination", "missing");
      }
    }
    boolean uts = hasNamespace(spec.linux(), "uts");
    if (!spec.hostname().isEmpty() && !uts) {
      add("hostname", "needs a uts namespace in linux.namespaces, or it would rename the host");
    }
    if (!spec.domainname().isEmpty() && !uts) {
      add("domainname", "needs a uts namespace in linux.namespaces, or it would rename the host");
    }
  }

  private void checkPaths(String member, List<String> paths) {
    for (int i = 0; i < paths.size(); i++) {
      if (!paths.get(i).startsWith("/")) {
        add(member + "[" + i + "]", "'" + paths.get(i) + "' is not absolute");
      }
    }
  }

  private void checkHooks(Spec.Hooks hooks) {
    checkHooks("hooks.prestart", hooks.prestart());
    checkHooks("hooks.createRuntime", hooks.createRuntime());
    checkHooks("hooks.createContainer", hooks.createContainer());
    checkHooks("hooks.startContainer", hooks.startContainer());
    checkHooks("hooks.poststart", hooks.poststart());
    checkHooks("hooks.poststop", hooks.poststop());
  }

  private void checkHooks(String member, List<Spec.Hook> hooks) {
    for (int i = 0; i < hooks.size(); i++) {
      Spec.Hook hook = hooks.get(i);
      if (!hook.path().startsWith("/")) {
        add(member + "[" + i + "].path", "'" + hook.path() + "' is not absolute");
      }
      if (hook.timeout() != null && hook.timeout() <= 0) {
        add(member + "[" + i + "].timeout", hook.timeout() + " is not above 0");
      }
    }
  }

  /** Version 1.0 wanted an error for a name that means nothing; 1.1 made that a warning. */
  private void checkCapabilities(String version, ContainerProcess process) {
    ContainerProcess.Capabilities sets = process.capabilities();
    if (sets == null || !version.startsWith("1.0.")) {
      return;
    }
    Stream.of(
            sets.bounding(), sets.effective(), sets.inheritable(), sets.permitted(), sets.ambient())
        .flatMap(List::stream)
        .filter(name -> Capability.parse(name).isEmpty())
        .distinct()
        .forEach(name -> add("process.capabilities", "'" + name + "' is not a capability"));
  }

  /** Whether a namespace of this type is new or joined. */
  public static boolean hasNamespace(Linux linux, String type) {
    return linux.namespaces().stream().anyMatch(n -> n.type().equals(type));
  }

  private void checkNamespaces(Linux linux) {
    Set<String> seen = new HashSet<>();
    for (int i = 0; i < linux.namespaces().size(); i++) {
      Linux.Namespace namespace = linux.namespaces().get(i);
      String path = "linux.namespaces[" + i + "]";
      if (!NAMESPACES.contains(namespace.type())) {
        add(path + ".type", "'" + namespace.type() + "' is not a namespace this version knows");
      }
      if (!seen.add(namespace.type())) {
        add(path + ".type", "a second '" + namespace.type() + "'; each may be there once");
      }
      if (!namespace.path().isEmpty() && !namespace.path().startsWith("/")) {
        add(path + ".path", "'" + namespace.path() + "' is not absolute");
      }
    }
    if (!hasNamespace(linux, "mount")) {
      add("linux.namespaces", "no mount namespace; add {\"type\": \"mount\"}");
    }
  }

  private void checkUser(Linux linux) {
    boolean user = hasNamespace(linux, "user");
    boolean joined =
        linux.namespaces().stream().anyMatch(n -> n.type().equals("user") && !n.path().isEmpty());
    boolean maps = !linux.uidMappings().isEmpty() && !linux.gidMappings().isEmpty();
    if (user && !joined && !maps) {
      add("linux.uidMappings", "a new user namespace needs uidMappings and gidMappings");
    }
    boolean newTime =
        linux.namespaces().stream().anyMatch(n -> n.type().equals("time") && n.path().isEmpty());
    if (!linux.timeOffsets().isEmpty() && !newTime) {
      add("linux.timeOffsets", "need a new time namespace in linux.namespaces");
    }
    if (!user && !(linux.uidMappings().isEmpty() && linux.gidMappings().isEmpty())) {
      add("linux.uidMappings", "need a user namespace in linux.namespaces");
    }
  }

  private void checkSysctl(Linux linux) {
    for (Map.Entry<String, String> sysctl : linux.sysctl().entrySet()) {
      String key = sysctl.getKey().replace('/', '.');
      String needed = namespaceOf(key);
      if (needed.isEmpty()) {
        add("linux.sysctl." + sysctl.getKey(), "is of the whole host, not of a namespace");
      } else if (!hasNamespace(linux, needed)) {
        add("linux.sysctl." + sysctl.getKey(), "needs a " + needed + " namespace");
      }
    }
  }

  /** The namespace that a kernel parameter belongs to; empty for one of the whole host. */
  private static String namespaceOf(String key) {
    if (key.startsWith("net.")) {
      return "network";
    }
    if (key.equals("kernel.domainname") || key.equals("kernel.hostname")) {
      return "uts";
    }
    return key.startsWith("fs.mqueue.") || IPC_SYSCTLS.contains(key) ? "ipc" : "";
  }

  private void checkBlockIo(Resources.@Nullable BlockIo io) {
    if (io == null) {
      return;
    }
    String leaf = "the kernel has had no leaf weights since version 5.0; remove it";
    if (io.leafWeight() != null && io.leafWeight() != 0) {
      add("linux.resources.blockIO.leafWeight", leaf);
    }
    for (int i = 0; i < io.weightDevice().size(); i++) {
      Resources.WeightDevice device = io.weightDevice().get(i);
      String path = "linux.resources.blockIO.weightDevice[" + i + "]";
      if (device.leafWeight() != null && device.leafWeight() != 0) {
        add(path + ".leafWeight", leaf);
      } else if (device.weight() == null) {
        add(path, "says no weight");
      } else if (device.weight() != 0 && (device.weight() < 10 || device.weight() > 1000)) {
        add(path + ".weight", device.weight() + " is not within 10 to 1000");
      }
    }
  }

  private void checkNetDevices(Linux linux) {
    if (!linux.netDevices().isEmpty() && !hasNamespace(linux, "network")) {
      add("linux.netDevices", "needs a network namespace in linux.namespaces");
    }
    Set<String> names = new HashSet<>();
    linux
        .netDevices()
        .forEach(
            (device, wanted) -> {
              String path = "linux.netDevices." + device;
              String name = wanted.name().isEmpty() ? device : wanted.name();
              if (!isDeviceName(device) || !isDeviceName(name)) {
                add(path, "a name has 1 to 15 letters, none of them a space, '/' or ':'");
              }
              if (!name.contains("%d") && !names.add(name)) {
                add(path + ".name", "a second '" + name + "'");
              }
            });
  }

  private static boolean isDeviceName(String name) {
    return name.matches("[^\\s/:]{1,15}") && !name.equals(".") && !name.equals("..");
  }

  private void checkDevices(Linux linux) {
    for (int i = 0; i < linux.devices().size(); i++) {
      Linux.Device device = linux.devices().get(i);
      if (!Set.of("c", "u", "b", "p").contains(device.type())) {
        add("linux.devices[" + i + "].type", "'" + device.type() + "' is not one of c, u, b, p");
      }
      if (!device.path().startsWith("/")) {
        add("linux.devices[" + i + "].path", "'" + device.path() + "' is not absolute");
      }
    }
  }

  private void checkProcess(ContainerProcess process) {
    if (process.args().isEmpty()) {
      add("process.args", "empty; say the program to run");
    }
    if (!process.cwd().startsWith("/")) {
      add("process.cwd", "'" + process.cwd() + "' is not absolute");
    }
    for (int i = 0; i < process.env().size(); i++) {
      if (process.env().get(i).indexOf('=') <= 0) {
        add("process.env[" + i + "]", "'" + process.env().get(i) + "' is not KEY=VALUE");
      }
    }
    Integer oom = process.oomScoreAdj();
    if (oom != null && (oom < -1000 || oom > 1000)) {
      add("process.oomScoreAdj", oom + " is not within -1000 to 1000");
    }
    Set<String> limits = new HashSet<>();
    for (int i = 0; i < process.rlimits().size(); i++) {
      ContainerProcess.Rlimit limit = process.rlimits().get(i);
      if (!limits.add(limit.type())) {
        add("process.rlimits[" + i + "].type", "a second '" + limit.type() + "'");
      }
      if (Long.compareUnsigned(limit.soft(), limit.hard()) > 0) {
        add("process.rlimits[" + i + "].soft", "is above the hard limit");
      }
    }
    checkLabels(process);
  }

  private void checkLabels(ContainerProcess process) {
    if (process.user().uid() < 0 || process.user().gid() < 0) {
      add("process.user", "ids are not negative");
    }
  }
}
