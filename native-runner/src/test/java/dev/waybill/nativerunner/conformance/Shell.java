package dev.waybill.nativerunner.conformance;

import java.io.IOException;

/** A line of shell on the host. */
final class Shell {
  private Shell() {}

  static String run(String line) throws IOException {
    Process process = new ProcessBuilder("sh", "-c", line).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes()).strip();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return said;
  }
}
