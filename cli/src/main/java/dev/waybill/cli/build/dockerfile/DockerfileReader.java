package dev.waybill.cli.build.dockerfile;

import dev.waybill.cli.build.dockerfile.Instruction.HereDocument;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Takes a Dockerfile's text apart into instructions. */
final class DockerfileReader {
  private static final Set<String> NAMES =
      Set.of(
          "ADD",
          "ARG",
          "CMD",
          "COPY",
          "ENTRYPOINT",
          "ENV",
          "EXPOSE",
          "FROM",
          "HEALTHCHECK",
          "LABEL",
          "MAINTAINER",
          "ONBUILD",
          "RUN",
          "SHELL",
          "STOPSIGNAL",
          "USER",
          "VOLUME",
          "WORKDIR");
  private static final Set<String> WITH_DOCUMENTS = Set.of("RUN", "COPY", "ADD");
  private static final Pattern DIRECTIVE = Pattern.compile("#\\s*(\\w+)\\s*=\\s*(.+?)\\s*");
  private static final Pattern FLAG = Pattern.compile("--([a-z][a-z-]*)(?:=(\\S*))?(?:\\s+|$)");
  private static final Pattern DOCUMENT =
      Pattern.compile("<<-?(?:\"(\\w+)\"|'(\\w+)'|(\\w+))(?=\\s|$|[;&|)])");

  private final List<String> lines;
  private int next;
  private char escape = '\\';

  DockerfileReader(String text) {
    this.lines = text.replace("\uFEFF", "").lines().toList();
  }

  List<Instruction> read() {
    directives();
    var found = new ArrayList<Instruction>();
    while (next < lines.size()) {
      String line = lines.get(next).strip();
      if (line.isEmpty() || line.startsWith("#")) {
        next++;
      } else {
        found.add(instruction());
      }
    }
    return found;
  }

  /** Comments at the very top that tell how to read the rest. */
  private void directives() {
    while (next < lines.size()) {
      Matcher directive = DIRECTIVE.matcher(lines.get(next).strip());
      if (!directive.matches()) {
        return;
      }
      next++;
      if (directive.group(1).equalsIgnoreCase("escape")) {
        String wanted = directive.group(2);
        if (!wanted.equals("\\") && !wanted.equals("`")) {
          throw new DockerfileException(next, "escape is a backslash or a backtick");
        }
        escape = wanted.charAt(0);
      }
    }
  }

  private Instruction instruction() {
    int begin = next + 1;
    String line = joined();
    String[] parts = line.split("\\s+", 2);
    String name = parts[0].toUpperCase(Locale.ROOT);
    if (!NAMES.contains(name)) {
      throw new DockerfileException(begin, "there is no instruction '%s'".formatted(parts[0]));
    }
    String rest = parts.length < 2 ? "" : parts[1].strip();
    if (rest.isEmpty()) {
      throw new DockerfileException(begin, name + " needs an argument");
    }
    Map<String, String> flags = new LinkedHashMap<>();
    Matcher flag = FLAG.matcher(rest);
    while (flag.lookingAt()) {
      String value = flag.group(2);
      flags.put(flag.group(1), value == null ? "" : value);
      rest = rest.substring(flag.end());
      flag = FLAG.matcher(rest);
    }
    return new Instruction(begin, name, flags, rest, documents(name, begin, rest));
  }

  /**
   * The next line with those that continue it; comments and empty lines in between are left out.
   */
  private String joined() {
    var text = new StringBuilder();
    while (next < lines.size()) {
      String line = lines.get(next++);
      if (!text.isEmpty() && (line.isBlank() || line.strip().startsWith("#"))) {
        continue;
      }
      String end = line.stripTrailing();
      if (end.isEmpty() || end.charAt(end.length() - 1) != escape) {
        return text.append(text.isEmpty() ? line.strip() : line.stripTrailing()).toString();
      }
      String part = end.substring(0, end.length() - 1);
      text.append(text.isEmpty() ? part.stripLeading() : part);
    }
    return text.toString();
  }

  private Map<String, HereDocument> documents(String name, int begin, String text) {
    Map<String, HereDocument> documents = new LinkedHashMap<>();
    if (!WITH_DOCUMENTS.contains(name)) {
      return documents;
    }
    Matcher mark = DOCUMENT.matcher(text);
    while (mark.find()) {
      String end = firstOf(mark.group(1), mark.group(2), mark.group(3));
      boolean tabs = mark.group().startsWith("<<-");
      documents.put(end, new HereDocument(document(begin, end, tabs), mark.group(3) == null));
    }
    return documents;
  }

  private static String firstOf(String... groups) {
    for (String group : groups) {
      if (group != null) {
        return group;
      }
    }
    throw new IllegalStateException("the pattern matches one of them");
  }

  private String document(int begin, String end, boolean withoutTabs) {
    var text = new StringBuilder();
    while (next < lines.size()) {
      String line = lines.get(next++);
      String shown = withoutTabs ? line.replaceFirst("^\t+", "") : line;
      if (shown.equals(end)) {
        return text.toString();
      }
      text.append(shown).append('\n');
    }
    throw new DockerfileException(begin, "the text up to '%s' has no end".formatted(end));
  }
}
