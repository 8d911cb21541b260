package dev.waybill.nativerunner.launch;

import dev.waybill.nativerunner.plan.LaunchPlan;
import dev.waybill.nativerunner.plan.Op;
import dev.waybill.nativerunner.plan.PlanText;
import dev.waybill.nativerunner.plan.Step;
import dev.waybill.nativerunner.sys.Errno;

/** Says what failed so that people know what to do: call, arguments, errno, config path, hint. */
final class Failure {
  private static final int NOT_FOUND = 127;
  private static final int NOT_EXECUTABLE = 126;

  private Failure() {}

  static LaunchFailedException of(LaunchPlan plan, Report report) {
    if (report.kind() == Report.Kind.MALFORMED) {
      return new LaunchFailedException(
          "the executor refused the plan: " + report.detail() + "; the two are of different builds",
          0);
    }
    if (report.index() < 0 || report.index() >= plan.steps().size()) {
      return new LaunchFailedException("the executor failed at an unknown operation", 0);
    }
    Step step = plan.steps().get(report.index());
    Errno errno = new Errno(report.errno());
    if (step.op() instanceof Op.Exec) {
      int code =
          errno.equals(Errno.ENOENT) || errno.equals(Errno.ENOTDIR) ? NOT_FOUND : NOT_EXECUTABLE;
      return new LaunchFailedException(
          report.detail() + ": " + errno + " (process.args): " + programHint(errno), code);
    }
    String detail = report.detail().isEmpty() ? "" : " [" + report.detail() + "]";
    return new LaunchFailedException(
        PlanText.failing(step.op())
            + ": "
            + errno
            + detail
            + " ("
            + step.origin()
            + ")"
            + hint(step.op(), errno),
        0);
  }

  private static String programHint(Errno errno) {
    if (errno.equals(Errno.ENOENT)) {
      return "no such file or directory in the image";
    }
    if (errno.equals(Errno.EACCES)) {
      return "permission denied; is it executable for process.user?";
    }
    return switch (errno.name()) {
      case "ENOEXEC" -> "exec format error; is it a program of this architecture?";
      case "EISDIR" -> "is a directory";
      case "ELIBBAD", "EINVAL" -> "not a program that this kernel runs";
      default -> "cannot be executed";
    };
  }

  private static String hint(Op op, Errno errno) {
    String hint =
        switch (errno.name()) {
          case "EPERM" ->
              "the runner may not do this here; what it lacks is in the notes of `plan`";
          case "ENOSYS" -> "the kernel has no such call; 5.12 or newer is needed";
          case "ENODEV" -> "the kernel has no such file system";
          case "ENOSPC" -> "a limit of the host is reached (namespaces, mounts or disk)";
          case "ENOENT" -> missing(op);
          case "EBUSY" -> "something else uses it";
          case "ENAMETOOLONG" -> "use a shorter path";
          default -> "";
        };
    return hint.isEmpty() ? "" : ": " + hint;
  }

  private static String missing(Op op) {
    return switch (op) {
      case Op.Bind bind -> "make " + bind.source() + " exist on the host";
      case Op.RootBind root -> "make " + root.source() + " exist";
      case Op.RootOverlay overlay ->
          "one of the directories or " + overlay.target() + " is missing";
      case Op.Join join -> "no namespace is at " + join.path();
      case Op.Chdir chdir -> "make " + chdir.path() + " in the image";
      case Op.WriteFile file -> "the host has no " + file.path();
      default -> "";
    };
  }
}
