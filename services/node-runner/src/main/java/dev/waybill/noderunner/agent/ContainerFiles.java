package dev.waybill.noderunner.agent;

import dev.waybill.contracts.assignment.AttachAssigned;
import dev.waybill.contracts.assignment.RunAssigned;
import dev.waybill.noderunner.bundle.BundleInputs.ProvidedFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * {@code /etc/hosts}, {@code /etc/hostname} and {@code /etc/resolv.conf}, as this node gives them.
 */
final class ContainerFiles {
  private static final Path HOST_RESOLV = Path.of("/etc/resolv.conf");

  private ContainerFiles() {}

  static List<ProvidedFile> write(Path directory, RunAssigned run, @Nullable AttachAssigned attach)
      throws IOException {
    String asked = run.getSpec().getHostname();
    String hostname = asked.isEmpty() ? run.getContainerId().substring(0, 12) : asked;
    var files = new ArrayList<ProvidedFile>();
    if (run.getSpec().getNetwork().equals("host")) {
      add(files, directory, "resolv.conf", hostResolv());
      return files;
    }
    add(files, directory, "hostname", hostname + "\n");
    String address = attach == null ? "127.0.1.1" : attach.getAddress();
    add(
        files,
        directory,
        "hosts",
        "127.0.0.1\tlocalhost\n::1\tlocalhost\n%s\t%s %s\n"
            .formatted(address, hostname, run.getName()));
    if (attach != null) {
      add(
          files,
          directory,
          "resolv.conf",
          "nameserver %s\noptions ndots:0\n".formatted(attach.getGateway()));
    }
    return files;
  }

  private static String hostResolv() throws IOException {
    return Files.exists(HOST_RESOLV) ? Files.readString(HOST_RESOLV) : "";
  }

  private static void add(List<ProvidedFile> files, Path directory, String name, String text)
      throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, text);
    files.add(new ProvidedFile(file, "/etc/" + name));
  }
}
