package dev.waybill.cli.build;

import dev.waybill.cli.build.dockerfile.Instruction;
import dev.waybill.oci.image.ContainerConfig.Healthcheck;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** HEALTHCHECK with its flags. */
final class HealthcheckText {
  static final Set<String> FLAGS =
      Set.of("interval", "timeout", "start-period", "start-interval", "retries");

  private static final Pattern PART = Pattern.compile("(\\d+(?:\\.\\d+)?)(ms|h|m|s)");

  private HealthcheckText() {}

  static Healthcheck parse(Instruction i, Function<Instruction, List<String>> program) {
    String[] parts = i.text().split("\\s+", 2);
    return switch (parts[0].toUpperCase(Locale.ROOT)) {
      case "NONE" -> check(i, List.of("NONE"));
      case "CMD" -> {
        if (parts.length < 2) {
          throw i.error("HEALTHCHECK CMD needs a command");
        }
        var command = new Instruction(i.line(), "CMD", i.flags(), parts[1], i.documents());
        var test = new ArrayList<String>();
        test.add(command.array().isPresent() ? "CMD" : "CMD-SHELL");
        test.addAll(command.array().isPresent() ? program.apply(command) : List.of(parts[1]));
        yield check(i, test);
      }
      default -> throw i.error("HEALTHCHECK takes CMD and a command, or NONE");
    };
  }

  private static Healthcheck check(Instruction i, List<String> test) {
    String retries = i.flags().getOrDefault("retries", "0");
    if (!retries.matches("\\d{1,6}")) {
      throw i.error("--retries takes a number, not '%s'".formatted(retries));
    }
    return new Healthcheck(
        test,
        duration(i, "interval"),
        duration(i, "timeout"),
        duration(i, "start-period"),
        duration(i, "start-interval"),
        Integer.parseInt(retries));
  }

  private static Duration duration(Instruction i, String flag) {
    String text = i.flags().getOrDefault(flag, "");
    Duration sum = Duration.ZERO;
    Matcher part = PART.matcher(text);
    int end = 0;
    while (part.find() && part.start() == end) {
      double count = Double.parseDouble(part.group(1));
      double millis =
          switch (part.group(2)) {
            case "h" -> count * 3_600_000;
            case "m" -> count * 60_000;
            case "s" -> count * 1000;
            default -> count;
          };
      sum = sum.plusMillis((long) millis);
      end = part.end();
    }
    if (end != text.length()) {
      throw i.error("--%s takes a duration like 1m30s, not '%s'".formatted(flag, text));
    }
    return sum;
  }
}
