package dev.waybill.platformapi.intent;

/**
 * A refusal as people and programs get it.
 *
 * @param status HTTP status
 * @param title the kind of refusal, the same words each time
 * @param detail what is wrong and what to do, one line
 * @see <a href="https://www.rfc-editor.org/rfc/rfc9457">RFC 9457</a>
 */
public record Problem(int status, String title, String detail) {
  public static Problem invalid(String detail) {
    return new Problem(400, "invalid request", detail);
  }

  public static Problem notFound(String detail) {
    return new Problem(404, "not found", detail);
  }

  public static Problem conflict(String detail) {
    return new Problem(409, "conflict", detail);
  }

  /** Nothing is wrong with the request; what it needs is away for now. */
  public static Problem unavailable(String detail) {
    return new Problem(503, "unavailable", detail);
  }

  /** Carries a problem out of nested calls to the edge that answers. */
  public static final class Raised extends RuntimeException {
    private final transient Problem problem;

    public Raised(Problem problem) {
      super(problem.detail(), null, false, false);
      this.problem = problem;
    }

    public Problem problem() {
      return problem;
    }
  }
}
