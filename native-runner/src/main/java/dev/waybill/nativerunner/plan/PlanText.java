package dev.waybill.nativerunner.plan;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** A plan as people read it. */
public final class PlanText {
  private PlanText() {}

  /** One operation on one line: its name and fields, without the origin. */
  public static String line(Op op) {
    Form form = Form.of(op);
    return line(form.name(), form.fields());
  }

  /** The same, to say which one failed; of a hook what was called, without the state it read. */
  public static String failing(Op op) {
    Form form = Form.of(op);
    return op instanceof Op.Hook ? line(form.name(), form.fields().subList(0, 2)) : line(op);
  }

  private static String line(String name, List<Form.Field> fields) {
    StringBuilder line = new StringBuilder(name);
    for (Form.Field field : fields) {
      line.append(' ').append(field.name()).append('=').append(field.shown());
    }
    return line.toString();
  }

  /** The whole plan: phases, numbered operations, origins, notes, digest. */
  public static String of(LaunchPlan plan) {
    StringBuilder out = new StringBuilder();
    Phase phase = null;
    for (int i = 0; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      if (step.phase() != phase) {
        phase = step.phase();
        out.append(phase).append('\n');
      }
      out.append("%4d  %s   <- %s%n".formatted(i, line(step.op()), step.origin()));
    }
    plan.notes().forEach(note -> out.append("note: ").append(note).append('\n'));
    return out.append("digest: ").append(plan.digest()).append('\n').toString();
  }

  /** The same as JSON. */
  public static String json(LaunchPlan plan) {
    List<String> steps = new ArrayList<>();
    for (int i = 0; i < plan.steps().size(); i++) {
      Step step = plan.steps().get(i);
      Form form = Form.of(step.op());
      String arguments =
          form.fields().stream()
              .map(f -> string(f.name()) + ":" + value(f))
              .collect(Collectors.joining(",", "{", "}"));
      steps.add(
          "{\"index\":%d,\"phase\":%s,\"op\":%s,\"arguments\":%s,\"origin\":%s}"
              .formatted(
                  i,
                  string(step.phase().toString()),
                  string(form.name()),
                  arguments,
                  string(step.origin())));
    }
    return "{\"digest\":%s,\"notes\":%s,\"steps\":[%n%s%n]}"
        .formatted(
            string(plan.digest().toString()), strings(plan.notes()), String.join(",\n", steps));
  }

  private static String value(Form.Field field) {
    return switch (field.value()) {
      case String text -> string(text);
      case List<?> texts -> strings(texts.stream().map(Object::toString).toList());
      case Integer number when Integer.toUnsignedString(number).equals(field.shown()) ->
          field.shown();
      case Long number when Long.toUnsignedString(number).equals(field.shown()) -> field.shown();
      default -> string(field.shown());
    };
  }

  private static String strings(List<String> texts) {
    return texts.stream().map(PlanText::string).collect(Collectors.joining(",", "[", "]"));
  }

  static String string(String text) {
    StringBuilder out = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') {
        out.append('\\').append(c);
      } else if (c < ' ') {
        out.append("\\u%04x".formatted((int) c));
      } else {
        out.append(c);
      }
    }
    return out.append('"').toString();
  }
}
