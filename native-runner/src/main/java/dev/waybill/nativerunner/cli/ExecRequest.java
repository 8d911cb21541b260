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
        user(request.text("user"), container.user()),
        request.all("arg"),
        env,
        request.text("cwd").isEmpty() ? container.cwd() : request.text("cwd"),
        container.capabilities(),
        container.rlimits(),
        container.noNewPrivileges() || request.flag("no_new_privs"),
        container.oomScoreAdj(),
        container.apparmorProfile(),
        container.selinuxLabel());
  }

  private static ContainerProcess.User user(String text, ContainerProcess.User container)
      throws RefusedSpecException {
    if (text.isEmpty()) {
      return container;
    }
    String[] parts = text.split(":", 2);
    try {
      return new ContainerProcess.User(
          Long.parseUnsignedLong(parts[0]),
          parts.length == 2 ? Long.parseUnsignedLong(parts[1]) : 0,
          container.umask(),
          List.of());
    } catch (NumberFormatException e) {
      throw new RefusedSpecException("--user", "'" + text + "' is not UID[:GID] in numbers");
    }
  }
}
