package dev.waybill.cli;

import java.util.List;

/**
 * Runs what people type most in one JVM, so that the cache made of it (JEP 514) holds what they
 * need. Some of it is refused, which loads the way of errors too.
 */
final class Rehearsal {
  private static final List<List<String>> LINES =
      List.of(
          List.of("--help"),
          List.of("ps", "-a"),
          List.of("ps", "-o", "json"),
          List.of("run", "--rm", "-e", "A=B", "-p", "80", "127.0.0.1:1/nothing:1", "true"),
          List.of("logs", "nothing"),
          List.of("exec", "nothing", "true"),
          List.of("events", "--type", "nothing"),
          List.of("image", "ls"),
          List.of("inspect", "nothing"));

  private Rehearsal() {}

  /** The platform is that of {@code WAYBILL_DATA}. */
  public static void main(String[] arguments) {
    LINES.forEach(line -> Waybill.execute(line.toArray(String[]::new)));
  }
}
