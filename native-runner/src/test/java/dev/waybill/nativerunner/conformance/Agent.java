package dev.waybill.nativerunner.conformance;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;

/** Somebody who listens to a seccomp filter: a small program, for Java cannot take descriptors. */
record Agent(Process process, Path output) implements AutoCloseable {
  static Agent on(Path socket) throws IOException, InterruptedException {
    Path dir = socket.getParent();
    Path source = dir.resolve("agent.c");
    try (InputStream in = Agent.class.getResourceAsStream("/agent.c")) {
      Files.copy(in, source);
    }
    String said = Shell.run("cc -O1 -o " + dir + "/agent " + source);
    if (!said.isEmpty()) {
      throw new IOException(said);
    }
    Path output = dir.resolve("agent.out");
    Process process =
        new ProcessBuilder(dir.resolve("agent").toString(), socket.toString())
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    for (int i = 0; i < 200 && !Files.exists(socket); i++) {
      Thread.sleep(10);
    }
    return new Agent(process, output);
  }

  String said() throws IOException {
    return Files.readString(output);
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}
