package dev.waybill.nativerunner.plan;

import dev.waybill.oci.runtime.Spec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The hooks of a container at their moments.
 *
 * <p>prestart and createRuntime: outside, when everything is mounted but the root is not entered.
 * createContainer: inside, at the same moment. startContainer: inside, as the last thing before the
 * program, with what the program may do, for the image may have put anything in its place.
 * poststart and poststop: outside.
 *
 * @see <a
 *     href="https://github.com/opencontainers/runtime-spec/blob/v1.2.0/config.md#posix-platform-hooks">runtime-spec
 *     1.2, POSIX-platform hooks</a>
 */
final class HookSteps {
  private static final String CREATING = "creating";

  private final Launch launch;
  private final Spec.Hooks hooks;
  private final PlanBuilder plan;

  HookSteps(Launch launch, PlanBuilder plan) {
    this.launch = launch;
    Spec.@Nullable Hooks given = launch.spec().hooks();
    this.hooks =
        given == null
            ? new Spec.Hooks(List.of(), List.of(), List.of(), List.of(), List.of(), List.of())
            : given;
    this.plan = plan;
  }

  /** When everything is mounted. */
  void beforePivot() {
    if (!hooks.prestart().isEmpty() || !hooks.createRuntime().isEmpty()) {
      plan.parent(new Op.MeetChild(), "hooks");
      plan.container(new Op.MeetParent(), "hooks");
      add(Phase.PARENT, hooks.prestart(), "prestart", CREATING, true);
      add(Phase.PARENT, hooks.createRuntime(), "createRuntime", CREATING, true);
    }
    if (!hooks.createContainer().isEmpty()) {
      plan.container(new Op.AwaitParent(), "hooks"); // it says the process id
      add(Phase.CONTAINER, hooks.createContainer(), "createContainer", CREATING, true);
    }
  }

  /** Right before the program. */
  void beforeExec() {
    add(Phase.START, hooks.startContainer(), "startContainer", "created", true);
  }

  /** Once the program runs, and once nothing of the container is left. */
  void afterwards() {
    // Version 1.3 of the spec made a failure here an error; before it was to be warned about.
    boolean fatal = !launch.spec().ociVersion().matches("1\\.[0-2](\\..*)?");
    add(Phase.POSTSTART, hooks.poststart(), "poststart", "running", fatal);
    add(Phase.POSTSTOP, hooks.poststop(), "poststop", "stopped", false);
  }

  private void add(Phase phase, List<Spec.Hook> wanted, String name, String status, boolean fatal) {
    for (int i = 0; i < wanted.size(); i++) {
      Spec.Hook hook = wanted.get(i);
      plan.add(
          phase,
          new Op.Hook(
              hook.path(),
              hook.args(),
              hook.env(),
              hook.timeout() == null ? 0 : hook.timeout(),
              StateText.of(launch, status),
              fatal),
          "hooks." + name + "[" + i + "]");
    }
  }
}
