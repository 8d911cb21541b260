package dev.waybill.nativerunner.conformance;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A root filesystem of one static program with many names. */
final class Busybox {
  private static final Path PROGRAM = Path.of("/usr/bin/busybox");
  private static final List<String> NAMES =
      List.of(
          "sh",
          "true",
          "false",
          "cat",
          "echo",
          "sleep",
          "ls",
          "id",
          "env",
          "hostname",
          "stat",
          "grep",
          "mount",
          "umount",
          "touch",
          "mkdir",
          "readlink",
          "uname",
          "dd",
          "test",
          "ps",
          "kill",
          "head",
          "wc",
          "chmod",
          "nice",
          "ionice",
          "mknod",
          "rm",
          "pwd",
          "sync",
          "cut",
          "sort",
          "tr",
          "ln",
          "ip");

  private Busybox() {}

  static boolean isInstalled() {
    return Files.isExecutable(PROGRAM);
  }

  static void rootfs(Path root) throws IOException {
    for (String dir : List.of("bin", "proc", "sys", "dev", "tmp", "etc", "data")) {
      Files.createDirectories(root.resolve(dir));
    }
    Files.copy(PROGRAM, root.resolve("bin/busybox"));
    for (String name : NAMES) {
      Files.createSymbolicLink(root.resolve("bin").resolve(name), Path.of("busybox"));
    }
    Files.writeString(root.resolve("etc/passwd"), "root:x:0:0:root:/:/bin/sh\n");
    Files.writeString(root.resolve("data/file"), "content\n");
  }
}
