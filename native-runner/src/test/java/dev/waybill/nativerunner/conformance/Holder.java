package dev.waybill.nativerunner.conformance;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** A process that holds namespaces for others to join. */
record Holder(Process process) implements AutoCloseable {
  static Holder of(String options) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("unshare"));
    command.addAll(List.of(options.split(" ")));
    command.addAll(List.of("sh", "-c", "echo ready; exec sleep 1000"));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    int first = process.getInputStream().read();
    if (first != 'r') {
      throw new IOException("unshare " + options + " failed");
    }
    return new Holder(process);
  }

  String path(String namespace) {
    // With --fork the child is inside the new pid namespace, its parent is not.
    String file = namespace.equals("pid") ? "pid_for_children" : namespace;
    return "/proc/" + process.pid() + "/ns/" + file;
  }

  @Override
  public void close() {
    process.descendants().forEach(ProcessHandle::destroyForcibly);
    process.destroyForcibly();
  }
}
