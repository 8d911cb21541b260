package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The process that `exec` asks for, with the container's own as the pattern. */
final class ExecRequest {
  private ExecRequest() {}

  static ContainerProcess process(Request request, ContainerProcess container)
      throws IOException, SpecFormatException, RefusedSpecException {
    if (!request.text("process").isEmpty()) {
      return SpecCodec.readProcess(Files.readAllBytes(Path.of(request.text("process"))));
    }
    List<String> env = new ArrayList<>(container.env());
    env.addAll(request.all("env"));
    return new ContainerProcess(
        request.flag("tty"),
        null,
        user(request, container.user()),
        request.all("arg"),
        env,
        request.text("cwd").isEmpty() ? container.cwd() : request.text("cwd"),
        capabilities(request.all("cap"), container.capabilities()),
        container.rlimits(),
        container.noNewPrivileges() || request.flag("no_new_privs"),
        container.oomScoreAdj(),
        orElse(request.text("apparmor"), container.apparmorProfile()),
        orElse(request.text("selinux"), container.selinuxLabel()),
        container.scheduler(),
        container.ioPriority(),
        container.execCPUAffinity());
  }

  private static String orElse(String wanted, String container) {
    return wanted.isEmpty() ? container : wanted;
  }

  /** What is asked for comes on top of what the container has, in every set but the ambient one. */
  private static ContainerProcess.@Nullable Capabilities capabilities(
      List<String> wanted, ContainerProcess.@Nullable Capabilities container) {
    if (wanted.isEmpty()) {
      return container;
    }
    ContainerProcess.Capabilities base =
        container == null
            ? new ContainerProcess.Capabilities(
                List.of(), List.of(), List.of(), List.of(), List.of())
            : container;
    return new ContainerProcess.Capabilities(
        joined(base.bounding(), wanted),
        joined(base.effective(), wanted),
        base.inheritable(),
        joined(base.permitted(), wanted),
        base.ambient());
  }

  private static List<String> joined(List<String> first, List<String> second) {
    return Stream.concat(first.stream(), second.stream()).distinct().toList();
  }

  private static ContainerProcess.User user(Request request, ContainerProcess.User container)
      throws RefusedSpecException {
    String text = request.text("user");
    List<Long> groups = new ArrayList<>();
    try {
      for (String group : request.all("gid")) {
        groups.add(Long.parseUnsignedLong(group));
      }
      if (text.isEmpty()) {
        groups.addAll(0, container.additionalGids());
        return new ContainerProcess.User(
            container.uid(), container.gid(), container.umask(), groups);
      }
      String[] parts = text.split(":", 2);
      return new ContainerProcess.User(
          Long.parseUnsignedLong(parts[0]),
          parts.length == 2 ? Long.parseUnsignedLong(parts[1]) : 0,
          container.umask(),
          groups);
    } catch (NumberFormatException e) {
      throw new RefusedSpecException("--user", "'" + text + "' is not UID[:GID] in numbers");
    }
  }
}
