package dev.waybill.nativerunner.launch;

import dev.waybill.nativerunner.plan.LaunchPlan;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;

/** Starts a container that waits for it. */
public final class StartSocket {
  private static final String NAME = "start.sock";

  private StartSocket() {}

  /** Whether a container waits to be started here. */
  public static boolean waits(Path stateDir) {
    return Files.exists(stateDir.resolve(NAME));
  }

  /**
   * Starts, and returns once the program has replaced the executor: then the connection ends
   * without a word.
   *
   * @throws LaunchFailedException if an operation of the start phase failed
   */
  public static void start(Path stateDir, LaunchPlan plan)
      throws IOException, LaunchFailedException {
    Path path = stateDir.resolve(NAME);
    try (SocketChannel socket = SocketChannel.open(UnixDomainSocketAddress.of(path))) {
      // Nobody may start it a second time, whatever becomes of this attempt.
      Files.delete(path);
      ByteBuffer buffer = ByteBuffer.allocate(Report.BYTES);
      while (buffer.hasRemaining() && socket.read(buffer) >= 0) {
        continue;
      }
      if (buffer.position() > 0) {
        byte[] bytes = Arrays.copyOf(buffer.array(), buffer.position());
        throw Failure.of(plan, Report.parse(bytes));
      }
    }
  }
}
