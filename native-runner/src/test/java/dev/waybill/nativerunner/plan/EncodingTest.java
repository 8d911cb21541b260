package dev.waybill.nativerunner.plan;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** The compiler's encoder and the executor's decoder are two programs that must agree. */
class EncodingTest {
  private static final String EXECUTOR = "bin/waybill-runner";

  /** An operation of each kind, with zero, empty and false in every field. */
  private static List<Op> oneOfEach() {
    return Arrays.stream(Op.class.getPermittedSubclasses()).map(EncodingTest::blank).toList();
  }

  private static Op blank(Class<?> type) {
    try {
      RecordComponent[] parts = type.getRecordComponents();
      Object[] values = Arrays.stream(parts).map(p -> blankValue(p.getType())).toArray();
      Class<?>[] types =
          Arrays.stream(parts).map(RecordComponent::getType).toArray(Class<?>[]::new);
      return (Op) type.getDeclaredConstructor(types).newInstance(values);
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
  }

  private static Object blankValue(Class<?> type) {
    if (type == int.class) {
      return 0;
    }
    if (type == long.class) {
      return 0L;
    }
    if (type == boolean.class) {
      return false;
    }
    if (type == String.class) {
      return "";
    }
    return type == List.class ? List.of() : Bytes.of(new byte[0]);
  }

  @Test
  void every_operation_has_the_code_name_and_signature_that_the_executor_knows()
      throws IOException {
    Process process = new ProcessBuilder(EXECUTOR, ":operations").start();
    List<String> executor =
        new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .lines()
            .map(String::strip)
            .toList();
    List<String> compiler =
        oneOfEach().stream()
            .map(Form::of)
            .map(f -> (f.code() + " " + f.name() + " " + f.signature()).strip())
            .sorted(java.util.Comparator.comparing(s -> Integer.parseInt(s.split(" ")[0])))
            .toList();

    assertThat(compiler).isEqualTo(executor);
  }

  private static LaunchPlan sample() {
    return new LaunchPlan(
        List.of(
            new Step(Phase.HOST, new Op.MakeDir("/a", 0755), "x"),
            new Step(Phase.HOST, new Op.Clone(0x20000, ""), "x"),
            new Step(Phase.PARENT, new Op.JoinCgroup("/c"), "x"),
            new Step(
                Phase.CONTAINER,
                new Op.Mount("tmpfs", "tmpfs", List.of("a=b", "c"), "/t", 2, 0, false),
                "x"),
            new Step(Phase.START, new Op.SetIds(1, 2, List.of(3, 4)), "x"),
            new Step(Phase.START, new Op.Exec(List.of("sh", "-c"), List.of("A=ü")), "x")),
        List.of());
  }

  /** What the executor says about bytes; empty when it takes them for a plan. */
  private static String check(byte[] bytes) throws IOException {
    Process process = new ProcessBuilder(EXECUTOR, ":check").redirectErrorStream(true).start();
    try (var out = process.getOutputStream()) {
      out.write(bytes);
    } catch (IOException e) {
      // It does not read to the end of what is too large.
    }
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      int code = process.waitFor();
      assertThat(code).as("exit code, 128 and above is a crash").isIn(0, 1);
      assertThat(said.isEmpty()).isEqualTo(code == 0);
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
    return said.strip();
  }

  @Test
  void a_good_plan_is_taken() throws IOException {
    assertThat(check(sample().encode())).isEmpty();
  }

  @Test
  void a_truncated_plan_is_refused_wherever_it_ends() throws IOException {
    byte[] plan = sample().encode();
    for (int size = 0; size < plan.length; size++) {
      assertThat(check(Arrays.copyOf(plan, size))).as("first %d bytes", size).isNotEmpty();
    }
  }

  @Test
  void trailing_bytes_are_refused() throws IOException {
    byte[] plan = sample().encode();
    assertThat(check(Arrays.copyOf(plan, plan.length + 1)))
        .isEqualTo("bytes follow the last operation");
  }

  @Test
  void an_unknown_operation_and_a_foreign_file_are_refused() throws IOException {
    byte[] plan = sample().encode();
    byte[] unknown = plan.clone();
    unknown[12] = (byte) 250;
    assertThat(check(unknown)).isEqualTo("an operation has an unknown code");
    assertThat(check("#!/bin/sh\nexit 0\n".getBytes(StandardCharsets.UTF_8)))
        .isEqualTo("not a launch plan of this version");
  }

  private static String order(Step... steps) throws IOException {
    return check(new LaunchPlan(List.of(steps), List.of()).encode());
  }

  @Test
  void a_plan_out_of_order_is_refused() throws IOException {
    Step clone = new Step(Phase.HOST, new Op.Clone(0, ""), "x");
    Step exec = new Step(Phase.START, new Op.Exec(List.of("x"), List.of()), "x");
    Step mount = new Step(Phase.CONTAINER, new Op.PivotRoot(0), "x");
    assertThat(order(clone, mount, exec)).isEmpty();
    assertThat(order(mount, clone, exec)).isEqualTo("clone is missing");
    assertThat(order(clone, clone, exec)).isEqualTo("an operation of the host phase follows clone");
    assertThat(order(clone, exec, mount)).isNotEmpty();
    assertThat(order(clone, mount)).isEqualTo("exec is not the last operation");
    assertThat(order(clone, new Step(Phase.START, new Op.Exec(List.of(), List.of()), "x")))
        .isEqualTo("exec has no program");
  }

  @Test
  void changed_bytes_never_crash_the_decoder() throws IOException {
    byte[] plan = sample().encode();
    for (int seed = 0; seed < 150; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      byte[] changed = plan.clone();
      for (int i = 0; i <= random.nextInt(4); i++) {
        changed[random.nextInt(changed.length)] = (byte) random.nextInt(256);
      }
      check(changed);
    }
  }

  @Test
  void a_text_with_a_nul_is_refused_by_the_encoder() {
    List<Step> steps = new ArrayList<>(sample().steps());
    steps.set(0, new Step(Phase.HOST, new Op.MakeDir("/a\0b", 0), "x"));
    LaunchPlan plan = new LaunchPlan(steps, List.of());
    org.assertj.core.api.Assertions.assertThatThrownBy(plan::encode)
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("a NUL inside");
  }

  @Test
  void equal_plans_have_equal_digests_and_others_do_not() {
    assertThat(sample().digest()).isEqualTo(sample().digest());
    List<Step> steps = new ArrayList<>(sample().steps());
    steps.set(0, new Step(Phase.HOST, new Op.MakeDir("/a", 0700), "x"));
    assertThat(new LaunchPlan(steps, List.of()).digest()).isNotEqualTo(sample().digest());
  }
}
