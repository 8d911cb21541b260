package dev.waybill.nativerunner.cli;

import dev.waybill.nativerunner.sys.HostFactsReader;
import java.io.IOException;

/** One answer, from stdin to stdout: for a command line that meets no service. */
public final class CompileOnce {
  private CompileOnce() {}

  public static void main(String[] arguments) throws IOException {
    new PlanDesk(HostFactsReader.read()).answer(Request.read(System.in)).write(System.out);
  }
}
