package dev.waybill.demo;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What one platform has put on the host. Links and nftables tables are named by hashes, so these
 * are compared with what was there before; all else carries the instance or the data directory.
 *
 * @param instance six hex digits
 * @param data its data directory
 */
record HostInventory(String instance, Path data) {
  private static final String LINKS = "wb";

  /** The links of platforms on this host, of whichever instance. */
  static Set<String> links() {
    return new TreeSet<>(
        list(Path.of("/sys/class/net")).stream()
            .map(link -> String.valueOf(link.getFileName()))
            .filter(name -> name.startsWith(LINKS))
            .toList());
  }

  /** The nftables tables of this host; empty where there is no nft to ask. */
  static Set<String> tables() {
    try {
      Process nft = new ProcessBuilder("nft", "list", "tables").start();
      nft.getOutputStream().close();
      String tables = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      nft.waitFor();
      return new TreeSet<>(tables.lines().filter(line -> line.contains("waybill")).toList());
    } catch (IOException e) {
      return Set.of(); // The platform speaks netlink itself; without the tool nobody can list.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return Set.of();
    }
  }

  /** All that is there now, each with its kind. */
  List<String> now() {
    var found = new ArrayList<String>();
    lines(Path.of("/proc/self/mountinfo")).stream()
        .filter(this::isOurs)
        .forEach(line -> found.add("mount " + line.split(" ", 6)[4]));
    for (Path controller : cgroupMounts()) {
      Path ours = controller.resolve("waybill-" + instance);
      if (Files.exists(ours)) {
        found.add("cgroup " + ours);
      }
    }
    Path run = Path.of("/run/waybill-" + instance);
    if (Files.exists(run)) {
      found.add("directory " + run);
    }
    list(Path.of("/run/netns")).stream()
        .filter(space -> space.toString().contains(instance))
        .forEach(space -> found.add("network namespace " + space));
    tables().stream()
        .filter(table -> table.contains(instance))
        .forEach(table -> found.add("nftables " + table));
    found.addAll(processes());
    return found;
  }

  private boolean isOurs(String text) {
    return text.contains("waybill-" + instance) || text.contains(data.toString());
  }

  private static List<Path> cgroupMounts() {
    var mounts = new ArrayList<>(list(Path.of("/sys/fs/cgroup")));
    mounts.add(Path.of("/sys/fs/cgroup"));
    return mounts;
  }

  private List<String> processes() {
    long self = ProcessHandle.current().pid();
    return list(Path.of("/proc")).stream()
        .filter(process -> String.valueOf(process.getFileName()).matches("[0-9]+"))
        .filter(process -> !process.endsWith(Long.toString(self)))
        .filter(
            process ->
                lines(process.resolve("cgroup")).stream().anyMatch(this::isOurs)
                    || lines(process.resolve("cmdline")).stream().anyMatch(this::isOurs))
        .map(process -> "process " + process.getFileName())
        .toList();
  }

  private static List<Path> list(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot look into " + directory, e);
    }
  }

  private static List<String> lines(Path file) {
    try {
      return new String(Files.readAllBytes(file), StandardCharsets.UTF_8).lines().toList();
    } catch (FileSystemException gone) {
      return List.of(); // Of a process that ended while we looked.
    } catch (IOException e) {
      // The kernel answers reads of an ended process's files with ESRCH.
      return List.of();
    }
  }
}
