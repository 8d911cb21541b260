package dev.waybill.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.api.ApiClient;
import dev.waybill.kernel.Digest;
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
 * What one platform has put on the host. Most of it carries the instance or the data directory in
 * its name; links are named by hashes and are noted while they are there.
 *
 * @param instance six hex digits
 * @param data its data directory
 * @param links names of links that the platform made
 */
record HostInventory(String instance, Path data, Set<String> links) {
  private static final int TABLE_HASH = 8;

  /** For the platform of a data directory, before it has made anything. */
  static HostInventory of(Path data) {
    return new HostInventory(
        lines(data.resolve("instance")).getFirst().strip(), data, new TreeSet<>());
  }

  private Path runDirectory() {
    return Path.of("/run/waybill-" + instance);
  }

  /** Notes the links that are there now, from the network state that native-runner keeps. */
  void noteLinks() {
    try {
      JsonNode state =
          ApiClient.JSON.readTree(runDirectory().resolve("runner/networks.json").toFile());
      state.path("attachments").forEach(a -> links.add(a.path("link").asText()));
      list(Path.of("/sys/class/net")).stream()
          .map(link -> String.valueOf(link.getFileName()))
          .filter(name -> name.startsWith("wb" + instance))
          .forEach(links::add);
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the networks of " + runDirectory(), e);
    }
  }

  /** The nftables tables of this host; none where there is no tool to list them. */
  private static List<String> tables() {
    try {
      Process nft = new ProcessBuilder("nft", "list", "tables").start();
      nft.getOutputStream().close();
      String tables = new String(nft.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
      nft.waitFor();
      return tables.lines().toList();
    } catch (IOException e) {
      return List.of(); // The platform speaks netlink itself; without the tool nobody can list.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return List.of();
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
    if (Files.exists(runDirectory())) {
      found.add("directory " + runDirectory());
    }
    links.stream()
        .filter(link -> Files.exists(Path.of("/sys/class/net", link)))
        .forEach(link -> found.add("link " + link));
    list(Path.of("/run/netns")).stream()
        .filter(space -> space.toString().contains(instance))
        .forEach(space -> found.add("network namespace " + space));
    String table =
        Digest.of(runDirectory().resolve("runner").toString().getBytes(StandardCharsets.UTF_8))
            .hex()
            .substring(0, TABLE_HASH);
    tables().stream()
        .filter(line -> line.endsWith("waybill_" + table))
        .forEach(line -> found.add("nftables " + line));
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
