package dev.waybill.nativerunner.seccomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.nativerunner.spec.Capability;
import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Seccomp;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/** Filters, run by a machine of our own that does what the kernel's does. */
class FilterCompilerTest {
  private static final int X86_64 = 0xc000003e;
  private static final int X86 = 0x40000003;
  private static final int X32_BIT = 0x40000000;
  private static final String[] OPS = {
    "SCMP_CMP_NE",
    "SCMP_CMP_LT",
    "SCMP_CMP_LE",
    "SCMP_CMP_EQ",
    "SCMP_CMP_GE",
    "SCMP_CMP_GT",
    "SCMP_CMP_MASKED_EQ"
  };

  private static int run(byte[] program, int arch, int number, long... args) {
    ByteBuffer data = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    data.putInt(0, number).putInt(4, arch);
    for (int i = 0; i < args.length; i++) {
      data.putLong(16 + i * 8, args[i]);
    }
    ByteBuffer code = ByteBuffer.wrap(program).order(ByteOrder.LITTLE_ENDIAN);
    int accumulator = 0;
    for (int at = 0; ; at++) {
      int operation = code.getShort(at * 8);
      int ifTrue = code.get(at * 8 + 2) & 0xff;
      int ifFalse = code.get(at * 8 + 3) & 0xff;
      int k = code.getInt(at * 8 + 4);
      int compared = Integer.compareUnsigned(accumulator, k);
      switch (operation) {
        case 0x20 -> accumulator = data.getInt(k);
        case 0x54 -> accumulator &= k;
        case 0x05 -> at += k;
        case 0x15 -> at += compared == 0 ? ifTrue : ifFalse;
        case 0x25 -> at += compared > 0 ? ifTrue : ifFalse;
        case 0x35 -> at += compared >= 0 ? ifTrue : ifFalse;
        case 0x06 -> {
          return k;
        }
        default -> throw new IllegalStateException("operation " + operation);
      }
    }
  }

  private static boolean holds(Seccomp.Argument a, long actual) {
    int compared = Long.compareUnsigned(actual, a.value());
    return switch (a.op()) {
      case "SCMP_CMP_NE" -> compared != 0;
      case "SCMP_CMP_LT" -> compared < 0;
      case "SCMP_CMP_LE" -> compared <= 0;
      case "SCMP_CMP_EQ" -> compared == 0;
      case "SCMP_CMP_GE" -> compared >= 0;
      case "SCMP_CMP_GT" -> compared > 0;
      default -> (actual & a.value()) == a.valueTwo();
    };
  }

  /** What a profile means, without any cleverness. */
  private static int meaning(Seccomp profile, String name, long... args) {
    for (Seccomp.Rule rule : profile.syscalls()) {
      boolean all = rule.args().stream().allMatch(a -> holds(a, args[a.index()]));
      if (rule.names().contains(name) && all) {
        return Action.parse(rule.action(), rule.errnoRet()).orElseThrow();
      }
    }
    return Action.parse(profile.defaultAction(), profile.defaultErrnoRet()).orElseThrow();
  }

  @Test
  void a_filter_decides_as_its_profile_says() throws RefusedSpecException {
    List<String> names = new ArrayList<>(SyscallTable.x86_64().names());
    for (int seed = 0; seed < 60; seed++) {
      SplittableRandom random = new SplittableRandom(seed);
      Seccomp profile = randomProfile(random, names);
      byte[] program = FilterCompiler.compile(profile).program();
      for (int i = 0; i < 400; i++) {
        String name = names.get(random.nextInt(names.size()));
        long[] args = {value(random), value(random), value(random), 0, 0, 0};
        int number = SyscallTable.x86_64().number(name).orElseThrow();
        assertThat(run(program, X86_64, number, args))
            .as("seed %d call %s %s", seed, name, java.util.Arrays.toString(args))
            .isEqualTo(meaning(profile, name, args));
      }
    }
  }

  private static long value(SplittableRandom random) {
    return switch (random.nextInt(4)) {
      case 0 -> random.nextInt(4);
      case 1 -> 0x100000000L + random.nextInt(4);
      case 2 -> -1L - random.nextInt(3);
      default -> random.nextLong();
    };
  }

  private static Seccomp randomProfile(SplittableRandom random, List<String> names) {
    List<Seccomp.Rule> rules = new ArrayList<>();
    for (int r = random.nextInt(25); r >= 0; r--) {
      List<String> some = new ArrayList<>();
      for (int n = random.nextInt(12); n >= 0; n--) {
        some.add(names.get(random.nextInt(names.size())));
      }
      List<Seccomp.Argument> args = new ArrayList<>();
      for (int a = random.nextInt(3); a > 0; a--) {
        args.add(
            new Seccomp.Argument(
                random.nextInt(3), value(random), value(random), OPS[random.nextInt(OPS.length)]));
      }
      boolean allow = random.nextBoolean();
      rules.add(
          new Seccomp.Rule(
              some, allow ? "SCMP_ACT_ALLOW" : "SCMP_ACT_ERRNO", random.nextInt(100), args));
    }
    return new Seccomp("SCMP_ACT_ERRNO", 99, List.of(), List.of(), "", rules);
  }

  @Test
  void another_architecture_and_x32_never_get_more_than_the_default() throws RefusedSpecException {
    byte[] program = FilterCompiler.compile(DefaultProfile.profile(0)).program();
    int read = SyscallTable.x86_64().number("read").orElseThrow();

    assertThat(run(program, X86_64, read)).isEqualTo(Action.ALLOW);
    assertThat(run(program, 0x40000003, read)).isEqualTo(Action.errno(Action.ENOSYS));
    assertThat(run(program, X86_64, read | 0x40000000)).isEqualTo(Action.errno(Action.ENOSYS));
  }

  private static Seccomp denying(String call, List<Seccomp.Argument> args, String... archs) {
    Seccomp.Rule rule = new Seccomp.Rule(List.of(call), "SCMP_ACT_ERRNO", 7, args);
    return new Seccomp("SCMP_ACT_ALLOW", null, List.of(archs), List.of(), "", List.of(rule));
  }

  @Test
  void a_filter_covers_each_architecture_that_it_names() throws RefusedSpecException {
    byte[] program =
        FilterCompiler.compile(denying("mkdir", List.of(), "SCMP_ARCH_X86", "SCMP_ARCH_X32"))
            .program();

    assertThat(run(program, X86_64, 83)).isEqualTo(Action.errno(7));
    assertThat(run(program, X86, 39)).isEqualTo(Action.errno(7));
    assertThat(run(program, X86, 83)).isEqualTo(Action.ALLOW);
    assertThat(run(program, X86_64, 83 | X32_BIT)).isEqualTo(Action.errno(7));
    assertThat(run(program, X86_64, X32_BIT)).isEqualTo(Action.ALLOW);
    assertThat(run(program, 0x40000028, 39)).isEqualTo(Action.KILL_PROCESS);
  }

  @Test
  void what_allows_all_does_not_allow_an_architecture_that_it_does_not_name()
      throws RefusedSpecException {
    byte[] program = FilterCompiler.compile(denying("mkdir", List.of())).program();

    assertThat(run(program, X86, 3)).isEqualTo(Action.KILL_PROCESS);
    assertThat(run(program, X86_64, X32_BIT)).isEqualTo(Action.KILL_PROCESS);
    assertThat(run(program, X86_64, X32_BIT | 83)).isEqualTo(Action.KILL_PROCESS);
    assertThat(run(program, X86_64, 0)).isEqualTo(Action.ALLOW);
  }

  @Test
  void a_call_is_also_meant_where_another_stands_for_it() throws RefusedSpecException {
    Seccomp.Argument family = new Seccomp.Argument(0, 38, 0, "SCMP_CMP_EQ");
    byte[] denied =
        FilterCompiler.compile(denying("socket", List.of(family), "SCMP_ARCH_X86")).program();
    byte[] ipc = FilterCompiler.compile(denying("shmat", List.of(), "SCMP_ARCH_X86")).program();

    assertThat(run(denied, X86, 359, 38)).as("itself").isEqualTo(Action.errno(7));
    assertThat(run(denied, X86, 359, 2)).isEqualTo(Action.ALLOW);
    assertThat(run(denied, X86, 102, 1)).as("arguments nobody sees").isEqualTo(Action.errno(7));
    assertThat(run(denied, X86, 102, 3)).isEqualTo(Action.ALLOW);
    assertThat(run(ipc, X86, 117, 21 | 1 << 16)).as("another version").isEqualTo(Action.errno(7));
  }

  @Test
  void registers_of_32_bits_are_compared_with_32_bits() throws RefusedSpecException {
    Seccomp.Argument all = new Seccomp.Argument(0, -1L, 0, "SCMP_CMP_EQ");
    byte[] program =
        FilterCompiler.compile(denying("kill", List.of(all), "SCMP_ARCH_X86")).program();

    assertThat(run(program, X86, 37, 0xffffffffL)).isEqualTo(Action.errno(7));
    assertThat(run(program, X86_64, 62, 0xffffffffL)).isEqualTo(Action.ALLOW);
  }

  @Test
  void an_architecture_that_is_none_is_refused() {
    assertThatThrownBy(
            () -> FilterCompiler.compile(denying("mkdir", List.of(), "SCMP_ARCH_ABACUS")))
        .hasMessageContaining("linux.seccomp.architectures");
  }

  @Test
  void the_default_profile_opens_with_the_capability() throws RefusedSpecException {
    int mount = SyscallTable.x86_64().number("mount").orElseThrow();
    byte[] closed = FilterCompiler.compile(DefaultProfile.profile(0)).program();
    byte[] open =
        FilterCompiler.compile(DefaultProfile.profile(Capability.SYS_ADMIN.bit())).program();

    assertThat(run(closed, X86_64, mount)).isEqualTo(Action.errno(Action.EPERM));
    assertThat(run(open, X86_64, mount)).isEqualTo(Action.ALLOW);
  }

  @Test
  void what_is_not_known_is_refused_with_its_path() {
    Seccomp bad = new Seccomp("SCMP_ACT_DANCE", null, List.of(), List.of(), "", List.of());
    assertThatThrownBy(() -> FilterCompiler.compile(bad))
        .hasMessage("linux.seccomp.defaultAction: 'SCMP_ACT_DANCE' is not an action of seccomp");
  }

  @Test
  void a_call_that_the_architecture_lacks_is_noted() throws RefusedSpecException {
    Seccomp.Rule rule = new Seccomp.Rule(List.of("nosuchcall"), "SCMP_ACT_ALLOW", null, List.of());
    FilterCompiler.Filter filter =
        FilterCompiler.compile(
            new Seccomp("SCMP_ACT_ERRNO", null, List.of(), List.of(), "", List.of(rule)));
    assertThat(filter.notes()).singleElement().asString().contains("'nosuchcall'");
  }
}
