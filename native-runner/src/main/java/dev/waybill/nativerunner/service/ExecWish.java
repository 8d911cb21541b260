package dev.waybill.nativerunner.service;

import dev.waybill.contracts.runner.v1.ExecRequest;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;

/** Turns what Exec asks for into a process, with the container's own as the pattern. */
final class ExecWish {
  private ExecWish() {}

  static ContainerProcess process(ExecRequest request, ContainerProcess container, HostFacts facts)
      throws RunnerException {
    if (!request.getProcessJson().isEmpty()) {
      try {
        return SpecCodec.readProcess(request.getProcessJson().toByteArray());
      } catch (SpecFormatException e) {
        throw RunnerException.of(RunnerException.Kind.INVALID, e);
      }
    }
    int rows = request.getRows() == 0 ? 24 : request.getRows();
    int columns = request.getColumns() == 0 ? 80 : request.getColumns();
    return new ContainerProcess(
        request.getTty(),
        new ContainerProcess.ConsoleSize(rows, columns),
        user(request.getUser(), container.user()),
        List.copyOf(request.getArgsList()),
        environment(container.env(), request.getEnvList()),
        request.getCwd().isEmpty() ? container.cwd() : request.getCwd(),
        request.getPrivileged() ? everything(facts) : container.capabilities(),
        container.rlimits(),
        container.noNewPrivileges() && !request.getPrivileged(),
        container.oomScoreAdj(),
        container.apparmorProfile(),
        container.selinuxLabel());
  }

  private static ContainerProcess.User user(String text, ContainerProcess.User container)
      throws RunnerException {
    if (text.isEmpty()) {
      return container;
    }
    String[] parts = text.split(":", 2);
    try {
      long uid = Long.parseUnsignedLong(parts[0]);
      long gid = parts.length == 2 ? Long.parseUnsignedLong(parts[1]) : 0;
      return new ContainerProcess.User(uid, gid, container.umask(), List.of());
    } catch (NumberFormatException e) {
      throw new RunnerException(
          RunnerException.Kind.INVALID, "user '" + text + "' is not uid[:gid] in numbers");
    }
  }

  private static List<String> environment(List<String> container, List<String> own) {
    SequencedMap<String, String> merged = new LinkedHashMap<>();
    for (List<String> part : List.of(container, own)) {
      for (String word : part) {
        merged.put(word.split("=", 2)[0], word);
      }
    }
    return new ArrayList<>(merged.values());
  }

  private static ContainerProcess.Capabilities everything(HostFacts facts) {
    List<String> all =
        Arrays.stream(Capability.values()).filter(facts::has).map(c -> "CAP_" + c.name()).toList();
    return new ContainerProcess.Capabilities(all, all, List.of(), all, List.of());
  }
}
