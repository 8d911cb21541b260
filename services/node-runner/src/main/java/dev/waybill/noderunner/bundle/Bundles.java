package dev.waybill.noderunner.bundle;

import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.contracts.spec.ContainerSpec;
import dev.waybill.contracts.spec.RestartCondition;
import dev.waybill.noderunner.bundle.BundleInputs.Network;
import dev.waybill.noderunner.graph.Root;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Linux;
import dev.waybill.oci.runtime.Resources;
import dev.waybill.oci.runtime.Spec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Makes {@code config.json}. Equal inputs give equal bytes. */
public final class Bundles {
  private static final String OCI_VERSION = "1.2.0";
  private static final String DEFAULT_PATH =
      "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
  private static final long CPU_PERIOD_US = 100_000;

  private Bundles() {}

  /**
   * @throws BundleException if there is no command, or the user isn't in the image
   */
  public static Spec compose(BundleInputs in) throws BundleException {
    ContainerSpec wish = in.run().getSpec();
    return new Spec(
        OCI_VERSION,
        process(in),
        new Spec.Root(in.root().rootfs().toString(), wish.getReadOnly()),
        hostname(in),
        "",
        mounts(in),
        null,
        annotations(in),
        linux(in));
  }

  private static String hostname(BundleInputs in) {
    if (in.network() instanceof Network.Host) {
      return "";
    }
    String asked = in.run().getSpec().getHostname();
    return asked.isEmpty() ? in.run().getContainerId().substring(0, 12) : asked;
  }

  private static ContainerProcess process(BundleInputs in) throws BundleException {
    ContainerSpec wish = in.run().getSpec();
    String user = wish.getUser().isEmpty() ? in.image().user() : wish.getUser();
    Users.Identity identity = new Users(in.passwd(), in.group()).resolve(user);
    String cwd = firstOf(wish.getWorkdir(), in.image().workingDir(), "/");
    return new ContainerProcess(
        wish.getTty(),
        null,
        identity.user(),
        arguments(in),
        environment(in, identity),
        cwd,
        Capabilities.of(wish, identity.user().uid() == 0),
        List.of(),
        noNewPrivileges(wish),
        null,
        "",
        "");
  }

  private static boolean noNewPrivileges(ContainerSpec wish) {
    return wish.getSecurityOptionsList().stream()
        .noneMatch(option -> option.equals("no-new-privileges=false"));
  }

  private static String firstOf(String first, String second, String third) {
    return !first.isEmpty() ? first : !second.isEmpty() ? second : third;
  }

  /** A given entrypoint drops the image's command too, as with Docker. */
  private static List<String> arguments(BundleInputs in) throws BundleException {
    ContainerSpec wish = in.run().getSpec();
    boolean own = wish.getEntrypointCount() > 0;
    List<String> entrypoint = own ? wish.getEntrypointList() : in.image().entrypoint();
    List<String> command =
        wish.getCommandCount() > 0 || own ? wish.getCommandList() : in.image().cmd();
    var arguments = new ArrayList<>(entrypoint);
    arguments.addAll(command);
    if (arguments.isEmpty()) {
      throw new BundleException(
          BundleException.INVALID,
          "image %s has no command of its own, give one".formatted(wish.getImage()));
    }
    return arguments;
  }

  private static List<String> environment(BundleInputs in, Users.Identity identity) {
    SequencedMap<String, String> variables = new LinkedHashMap<>();
    variables.put("PATH", DEFAULT_PATH);
    if (in.run().getSpec().getTty()) {
      variables.put("TERM", "xterm");
    }
    if (!hostname(in).isEmpty()) {
      variables.put("HOSTNAME", hostname(in));
    }
    variables.put("HOME", identity.home());
    for (String entry : in.image().env()) {
      int equals = entry.indexOf('=');
      if (equals > 0) {
        variables.put(entry.substring(0, equals), entry.substring(equals + 1));
      }
    }
    variables.putAll(new TreeMap<>(in.run().getSpec().getEnvMap()));
    return variables.entrySet().stream().map(v -> v.getKey() + "=" + v.getValue()).toList();
  }

  private static List<Spec.Mount> mounts(BundleInputs in) {
    var mounts = new ArrayList<>(DefaultMounts.LIST);
    for (BundleInputs.ProvidedFile file : in.files()) {
      mounts.add(
          new Spec.Mount(
              file.target(), "bind", file.source().toString(), List.of("bind", "rprivate")));
    }
    mounts.addAll(in.mounts());
    return mounts;
  }

  /** One that is started again needs what it wrote, also after a crash of the host. */
  private static boolean isEphemeral(RunAssigned run) {
    RestartCondition restart = run.getSpec().getRestart().getCondition();
    boolean once =
        restart == RestartCondition.RESTART_CONDITION_NEVER
            || restart == RestartCondition.RESTART_CONDITION_UNSPECIFIED
                && run.getWorkload().isEmpty();
    return once && (run.getSpec().getEphemeral() || run.getSpec().getAutoRemove());
  }

  private static SequencedMap<String, String> annotations(BundleInputs in) {
    SequencedMap<String, String> annotations = new LinkedHashMap<>();
    if (in.root() instanceof Root.Overlay(var lower, var upper, var work, _)) {
      annotations.put(
          "dev.waybill.rootfs.lowerdir",
          lower.stream().map(Path::toString).collect(Collectors.joining(":")));
      annotations.put("dev.waybill.rootfs.upperdir", upper.toString());
      annotations.put("dev.waybill.rootfs.workdir", work.toString());
      if (isEphemeral(in.run())) {
        annotations.put("dev.waybill.rootfs.volatile", "true");
      }
    }
    boolean unconfined = in.run().getSpec().getSecurityOptionsList().contains("seccomp=unconfined");
    annotations.put("dev.waybill.seccomp", unconfined ? "unconfined" : "default");
    annotations.put("dev.waybill.image", in.run().getImageDigest());
    return annotations;
  }

  private static Linux linux(BundleInputs in) {
    SequencedMap<String, String> sysctls =
        new LinkedHashMap<>(new TreeMap<>(in.run().getSpec().getSysctlsMap()));
    return new Linux(
        namespaces(in.network()),
        List.of(),
        List.of(),
        List.of(),
        in.cgroupParent() + "/" + in.run().getContainerId(),
        resources(in.run().getSpec()),
        "",
        null,
        sysctls,
        DefaultMounts.MASKED,
        DefaultMounts.READ_ONLY,
        "",
        null);
  }

  private static List<Linux.Namespace> namespaces(Network network) {
    var namespaces =
        new ArrayList<>(
            List.of(
                new Linux.Namespace("pid", ""),
                new Linux.Namespace("ipc", ""),
                new Linux.Namespace("mount", "")));
    switch (network) {
      case Network.Joined(var path) -> {
        namespaces.add(new Linux.Namespace("uts", ""));
        namespaces.add(new Linux.Namespace("network", path));
      }
      case Network.Isolated() -> {
        namespaces.add(new Linux.Namespace("uts", ""));
        namespaces.add(new Linux.Namespace("network", ""));
      }
      case Network.Host() -> {
        // The host's name belongs to the host's network.
      }
    }
    return namespaces;
  }

  private static Resources resources(ContainerSpec wish) {
    dev.waybill.contracts.spec.Resources limits = wish.getResources();
    Resources.Cpu cpu =
        limits.getCpuMillis() == 0
            ? null
            : new Resources.Cpu(
                null,
                limits.getCpuMillis() * CPU_PERIOD_US / 1000,
                null,
                CPU_PERIOD_US,
                null,
                null,
                "",
                "",
                null);
    return new Resources(
        DefaultMounts.DEVICES,
        memory(limits.getMemoryBytes()),
        cpu,
        limits.getPids() == 0 ? null : new Resources.Pids(limits.getPids()),
        null,
        List.of(),
        new LinkedHashMap<>(Map.of()));
  }

  private static Resources.@Nullable Memory memory(long bytes) {
    return bytes == 0
        ? null
        : new Resources.Memory(bytes, null, null, null, null, null, null, null, null);
  }
}
