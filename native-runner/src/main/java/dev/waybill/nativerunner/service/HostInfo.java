package dev.waybill.nativerunner.service;

import dev.waybill.contracts.runner.v1.InfoResponse;
import dev.waybill.nativerunner.plan.HostFacts;
import dev.waybill.nativerunner.spec.Capability;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the host and the runner can do. */
final class HostInfo {
  private static final String VERSION = "0.1.0";
  private static final long BYTES_PER_KIB = 1024;

  private HostInfo() {}

  static InfoResponse of(Path root, HostFacts facts) throws IOException {
    InfoResponse.Builder info =
        InfoResponse.newBuilder()
            .setVersion(VERSION)
            .setKernel(Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip())
            .setCgroups(facts.cgroups().name())
            .setRoot(root.toString())
            .setCpus(Runtime.getRuntime().availableProcessors())
            .setMemoryBytes(memory());
    for (Capability capability : Capability.values()) {
      boolean known = (facts.knownCapabilities() & capability.bit()) != 0;
      if (known && !facts.has(capability)) {
        info.addMissingCapabilities("CAP_" + capability.name());
      }
    }
    return info.build();
  }

  private static long memory() throws IOException {
    for (String line : Files.readAllLines(Path.of("/proc/meminfo"))) {
      if (line.startsWith("MemTotal:")) {
        return Long.parseLong(line.replaceAll("\\D", "")) * BYTES_PER_KIB;
      }
    }
    return 0;
  }
}
