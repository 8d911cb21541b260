package dev.waybill.cli.build.dockerfile;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * A Dockerfile.
 *
 * @param arguments {@code ARG}s before the first stage
 * @param stages at least one
 */
public record Dockerfile(List<Instruction> arguments, List<Stage> stages) {
  public Dockerfile {
    arguments = List.copyOf(arguments);
    stages = List.copyOf(stages);
  }

  /**
   * One stage.
   *
   * @param from its FROM
   * @param base what it stands on, variables not replaced
   * @param name in small letters; empty where it has none
   */
  public record Stage(Instruction from, String base, String name, List<Instruction> instructions) {
    public Stage {
      instructions = List.copyOf(instructions);
    }
  }

  /**
   * Reads one.
   *
   * @throws DockerfileException where it isn't one
   */
  public static Dockerfile parse(String text) {
    List<Instruction> all = new DockerfileReader(text).read();
    var arguments = new ArrayList<Instruction>();
    var stages = new ArrayList<Stage>();
    int next = 0;
    while (next < all.size() && !all.get(next).name().equals("FROM")) {
      Instruction before = all.get(next++);
      if (!before.name().equals("ARG")) {
        throw before.error("a Dockerfile begins with FROM, only ARG may come before");
      }
      arguments.add(before);
    }
    while (next < all.size()) {
      Instruction from = all.get(next++);
      int end = next;
      while (end < all.size() && !all.get(end).name().equals("FROM")) {
        end++;
      }
      stages.add(stage(from, all.subList(next, end)));
      next = end;
    }
    if (stages.isEmpty()) {
      throw new DockerfileException(1, "there is no FROM in it");
    }
    return new Dockerfile(arguments, stages);
  }

  private static Stage stage(Instruction from, List<Instruction> instructions) {
    String[] words = from.text().split("\\s+");
    boolean named = words.length == 3 && words[1].equalsIgnoreCase("AS");
    if (words.length != 1 && !named) {
      throw from.error("FROM takes an image, or an image AS a name");
    }
    String name = named ? words[2].toLowerCase(Locale.ROOT) : "";
    if (named && !name.matches("[a-z][a-z0-9-_.]*")) {
      throw from.error("'%s' is no name of a stage".formatted(words[2]));
    }
    return new Stage(from, words[0], name, instructions);
  }

  /**
   * The number of the stage with this name, or with this number, among those before {@code end}.
   */
  public Optional<Integer> stage(String name, int end) {
    String wanted = name.toLowerCase(Locale.ROOT);
    for (int i = end - 1; i >= 0; i--) {
      if (stages.get(i).name().equals(wanted) || wanted.equals(Integer.toString(i))) {
        return Optional.of(i);
      }
    }
    return Optional.empty();
  }
}
