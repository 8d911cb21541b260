package dev.waybill.nativerunner.service;

import dev.waybill.oci.runtime.ContainerProcess;
import dev.waybill.oci.runtime.Spec;
import dev.waybill.oci.runtime.SpecCodec;
import dev.waybill.oci.runtime.SpecFormatException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Reads the configuration of a bundle. */
final class Bundle {
  private static final long CONFIG_BYTES_MAX = 8L << 20;

  private Bundle() {}

  static Spec read(String directory) throws RunnerException, IOException {
    Path config = Path.of(directory, "config.json");
    if (!config.isAbsolute()) {
      throw invalid("bundle '" + directory + "' is not an absolute path");
    }
    try {
      if (Files.size(config) > CONFIG_BYTES_MAX) {
        throw invalid(config + " is larger than " + CONFIG_BYTES_MAX + " bytes");
      }
      return SpecCodec.readSpec(Files.readAllBytes(config));
    } catch (NoSuchFileException e) {
      throw invalid("no " + config + "; the bundle must hold config.json");
    } catch (SpecFormatException e) {
      throw invalid(config + ": " + e.getMessage());
    }
  }

  private static RunnerException invalid(String message) {
    return new RunnerException(RunnerException.Kind.INVALID, message);
  }

  /** The same configuration with a terminal. */
  static Spec withTerminal(Spec spec) {
    ContainerProcess p = spec.process();
    if (p == null || p.terminal()) {
      return spec;
    }
    return spec.withProcess(p.withTerminal(true));
  }
}
