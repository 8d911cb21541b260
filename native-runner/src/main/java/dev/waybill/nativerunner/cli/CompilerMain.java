package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;

/**
 * A compiler that stays, for a user who has no service: {@code CompilerMain SOCKET} answers the
 * command line of that user until SIGTERM. Says {@code ready SOCKET} on stdout.
 */
public final class CompilerMain {
  private CompilerMain() {}

  public static void main(String[] arguments) throws IOException, InterruptedException {
    Path path = Path.of(arguments[0]);
    CountDownLatch ended = new CountDownLatch(1);
    Runtime.getRuntime().addShutdownHook(new Thread(ended::countDown));
    try (CompilerSocket socket =
        CompilerSocket.open(path, new PlanDesk(HostFactsReader.read()), ReadyNetworks.none())) {
      System.out.println("ready " + path);
      ended.await();
    }
  }
}
