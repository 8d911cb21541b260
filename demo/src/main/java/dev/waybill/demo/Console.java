package dev.waybill.demo;

import java.io.PrintStream;
import java.util.Map;

/** What the watcher sees; in colour where the terminal allows. */
final class Console {
  private static final String RESET = "\u001b[0m";
  private static final String BOLD = "\u001b[1m";
  private static final String DIM = "\u001b[2m";
  private static final String RED = "\u001b[31m";
  private static final String GREEN = "\u001b[32m";
  private static final String CYAN = "\u001b[36m";

  private final PrintStream out;
  private final boolean coloured;
  private int steps;
  private String step = "the beginning";

  private Console(PrintStream out, boolean coloured) {
    this.out = out;
    this.coloured = coloured;
  }

  /** On standard output. */
  static Console open(Map<String, String> environment) {
    boolean terminal = System.console() != null && System.console().isTerminal();
    boolean wanted =
        environment.getOrDefault("NO_COLOR", "").isEmpty()
            && !"dumb".equals(environment.get("TERM"));
    return new Console(System.out, terminal && wanted);
  }

  synchronized void step(String title) {
    step = title;
    out.println();
    out.println(paint(BOLD, ++steps + "  " + title));
  }

  /** The step that was begun last. */
  synchronized String currentStep() {
    return step;
  }

  /** A command, as one would type it. */
  synchronized void command(String line) {
    out.println(paint(DIM, "   $ ") + line);
  }

  synchronized void text(String line) {
    out.println("   " + line);
  }

  /** A fact on the log. */
  synchronized void event(String type, String subject, String detail) {
    out.println(
        paint(DIM, "   ┊ ")
            + paint(CYAN, "%-20s".formatted(type))
            + " "
            + subject
            + " "
            + paint(DIM, detail));
  }

  /** Something that was checked and held. */
  synchronized void held(String what) {
    out.println(paint(GREEN, "   ✔ ") + what);
  }

  synchronized void failed(String what) {
    out.println(paint(RED, "   ✘ ") + what);
  }

  synchronized void closing(String what) {
    out.println();
    out.println(paint(BOLD, what));
  }

  private String paint(String colour, String text) {
    return coloured ? colour + text + RESET : text;
  }
}
