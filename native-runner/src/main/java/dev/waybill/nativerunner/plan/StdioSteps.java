package dev.waybill.nativerunner.plan;

/** Where the stdio of a process goes. */
final class StdioSteps {
  static final int ROWS = 24;
  static final int COLUMNS = 80;
  private static final int STDIN = 1;
  private static final int TERMINAL = 2;
  private static final int HOLD = 4;
  private static final int OUTPUT = 8;

  private StdioSteps() {}

  static void add(PlanBuilder plan, Launch.Stdio stdio, boolean terminal) {
    switch (stdio) {
      case Launch.Stdio.Inherited(var keepFds) -> keep(plan, keepFds);
      case Launch.Stdio.ConsoleSocket(var path, var keepFds) -> {
        plan.host(new Op.Console(path), "process.terminal");
        keep(plan, keepFds);
      }
      case Launch.Stdio.Monitored m -> {
        int flags =
            (m.stdin() ? STDIN : 0)
                | (terminal ? TERMINAL : 0)
                | (m.hold() ? HOLD : 0)
                | (m.output() ? OUTPUT : 0);
        plan.host(new Op.Monitor(m.logPath(), m.logBytesMax(), m.logFilesMax(), flags), "(stdio)");
      }
    }
  }

  private static void keep(PlanBuilder plan, int keepFds) {
    if (keepFds > 0) {
      plan.host(new Op.KeepFds(keepFds), "(stdio)");
    }
  }
}
