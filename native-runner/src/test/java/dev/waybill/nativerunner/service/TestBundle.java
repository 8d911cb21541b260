package dev.waybill.nativerunner.service;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** Writes bundles: a usual configuration, and what a test changes about it. */
final class TestBundle {
  private final Path dir;
  private String args = "\"/bin/guest\",\"true\"";
  private String process = "";
  private String linux = "";
  private String top = "";
  private String annotations = "";
  private String root = "\"path\":\"rootfs\"";
  private String resources = "";
  private final List<String> mounts = new ArrayList<>();
  private final List<String> joined = new ArrayList<>();
  private final List<String> namespaces =
      new ArrayList<>(List.of("pid", "mount", "ipc", "uts", "network", "cgroup"));

  TestBundle(Path dir) throws IOException {
    this.dir = Files.createDirectories(dir);
    Guest.rootfs(dir);
  }

  static TestBundle in(Path parent, String name) throws IOException {
    return new TestBundle(parent.resolve(name));
  }

  TestBundle args(String... words) {
    args = List.of(words).stream().map(w -> '"' + w + '"').collect(Collectors.joining(","));
    return this;
  }

  TestBundle guest(String... words) {
    List<String> all = new ArrayList<>(List.of("/bin/guest"));
    all.addAll(List.of(words));
    return args(all.toArray(String[]::new));
  }

  TestBundle process(String json) {
    process = process + "," + json;
    return this;
  }

  TestBundle linux(String json) {
    linux = linux + "," + json;
    return this;
  }

  TestBundle top(String json) {
    top = top + "," + json;
    return this;
  }

  TestBundle root(String json) {
    root = json;
    return this;
  }

  TestBundle resources(String json) {
    resources = json;
    return this;
  }

  TestBundle annotation(String key, String value) {
    annotations =
        annotations + (annotations.isEmpty() ? "" : ",") + "\"%s\":\"%s\"".formatted(key, value);
    return this;
  }

  TestBundle mount(String json) {
    mounts.add(json);
    return this;
  }

  TestBundle user() {
    namespaces.add("user");
    return this;
  }

  TestBundle joins(String namespace, String path) {
    joined.add("{\"type\":\"%s\",\"path\":\"%s\"}".formatted(namespace, path));
    return this;
  }

  TestBundle without(String namespace) {
    namespaces.remove(namespace);
    return this;
  }

  Path rootfs() {
    return dir.resolve("rootfs");
  }

  Path dir() {
    return dir;
  }

  /** Writes config.json; the bundle's path. */
  String write() throws IOException {
    String spaces =
        namespaces.stream().map(n -> "{\"type\":\"" + n + "\"}").collect(Collectors.joining(","));
    spaces = spaces + joined.stream().map(j -> "," + j).collect(Collectors.joining());
    String moreMounts = mounts.stream().map(m -> "," + m).collect(Collectors.joining());
    Files.writeString(
        dir.resolve("config.json"),
        """
        {"ociVersion":"1.2.0",
         "process":{"args":[%s],"cwd":"/","env":["PATH=/bin","A=b"],"user":{"uid":0,"gid":0},
          "capabilities":{"bounding":["CAP_CHOWN","CAP_KILL","CAP_MKNOD"],
           "effective":["CAP_CHOWN","CAP_KILL","CAP_MKNOD"],
           "permitted":["CAP_CHOWN","CAP_KILL","CAP_MKNOD"]},"noNewPrivileges":true%s},
         "root":{%s},
         "hostname":"box",
         "mounts":[
          {"destination":"/proc","type":"proc","source":"proc"},
          {"destination":"/dev","type":"tmpfs","source":"tmpfs","options":["nosuid","mode=755","size=65536k"]},
          {"destination":"/dev/pts","type":"devpts","source":"devpts",
           "options":["nosuid","noexec","newinstance","ptmxmode=0666","mode=0620","gid=5"]},
          {"destination":"/dev/shm","type":"tmpfs","source":"shm","options":["nosuid","noexec","nodev","mode=1777","size=65536k"]},
          {"destination":"/dev/mqueue","type":"mqueue","source":"mqueue","options":["nosuid","noexec","nodev"]},
          {"destination":"/sys","type":"sysfs","source":"sysfs","options":["nosuid","noexec","nodev","ro"]}
          %s],
         "annotations":{%s},
         "linux":{"namespaces":[%s],"resources":{%s},
          "maskedPaths":["/proc/kcore","/proc/keys","/proc/scsi","/proc/acpi","/sys/firmware"],
          "readonlyPaths":["/proc/bus","/proc/fs","/proc/irq","/proc/sys","/proc/sysrq-trigger"]%s}%s}
        """
            .formatted(
                args, process, root, moreMounts, annotations, spaces, resources, linux, top));
    return dir.toString();
  }
}
