package dev.waybill.nativerunner.spec;

import java.util.List;
import java.util.stream.Collectors;

/** A configuration that no container can be made from. */
public final class RefusedSpecException extends Exception {
  private static final long serialVersionUID = 1L;

  private final transient List<Problem> problems;

  public RefusedSpecException(List<Problem> problems) {
    super(problems.stream().map(Problem::toString).collect(Collectors.joining("; ")));
    this.problems = List.copyOf(problems);
  }

  public RefusedSpecException(String path, String message) {
    this(List.of(new Problem(path, message)));
  }

  /** Every problem that was found. */
  public List<Problem> problems() {
    return problems;
  }
}
