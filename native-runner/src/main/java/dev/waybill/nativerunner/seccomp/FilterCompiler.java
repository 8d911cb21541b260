package dev.waybill.nativerunner.seccomp;

import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Seccomp;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Compiles {@code linux.seccomp} to a BPF program.
 *
 * <p>Calls are looked up by a binary search over ranges of numbers with the same outcome, so that
 * the cost of a call grows with the logarithm of the profile. Within one call the rules are tried
 * in their order, and the first whose comparisons all hold decides. Calls of an architecture that
 * the profile does not name get the default action, or are the end where that would let them
 * through: a number means another call there.
 */
public final class FilterCompiler {
  private static final int PROGRAM_MAX = 4096;
  private static final long LOW_HALF = 0xffffffffL;
  private static final int LAST_NUMBER = -2;
  private static final int IPC_MASK = 0xffff;
  private static final int OFFSET_NR = 0;
  private static final int OFFSET_ARCH = 4;

  /**
   * A compiled filter.
   *
   * @param program {@code struct sock_filter} instructions
   * @param flags of seccomp(2)
   * @param notifies whether somebody is asked about calls
   * @param notes names that this architecture doesn't have
   */
  public record Filter(byte[] program, int flags, boolean notifies, List<String> notes) {}

  private record Range(int first, int last, List<Branch> branches) {}

  private record Branch(List<Seccomp.Argument> conditions, int action) {}

  private final int defaultAction;
  private final BpfAssembler out = new BpfAssembler();

  private FilterCompiler(int defaultAction) {
    this.defaultAction = defaultAction;
  }

  /** Compiles a profile. */
  public static Filter compile(Seccomp profile) throws RefusedSpecException {
    int defaultAction =
        action(profile.defaultAction(), profile.defaultErrnoRet(), "linux.seccomp.defaultAction");
    List<String> notes = new ArrayList<>();
    Set<Architecture> architectures = architectures(profile);
    FilterCompiler compiler = new FilterCompiler(defaultAction);
    compiler.program(profile, architectures);
    notes(profile, architectures, notes);
    if (compiler.out.size() > PROGRAM_MAX) {
      throw new RefusedSpecException(
          "linux.seccomp.syscalls",
          "compile to " + compiler.out.size() + " instructions, the kernel takes " + PROGRAM_MAX);
    }
    boolean notifies =
        profile.syscalls().stream().anyMatch(rule -> rule.action().equals(Action.NOTIFY));
    return new Filter(compiler.out.bytes(), flags(profile), notifies, notes);
  }

  private static int action(
      String name, @org.jspecify.annotations.Nullable Integer errno, String path)
      throws RefusedSpecException {
    OptionalInt action = Action.parse(name, errno);
    if (action.isEmpty()) {
      throw new RefusedSpecException(path, "'" + name + "' is not an action of seccomp");
    }
    if (name.equals(Action.NOTIFY) && path.endsWith(".defaultAction")) {
      throw new RefusedSpecException(
          path, "SCMP_ACT_NOTIFY for every call would stop the runner before anybody listens");
    }
    return action.getAsInt();
  }

  private static Set<Architecture> architectures(Seccomp profile) throws RefusedSpecException {
    try {
      return Architecture.parse(profile.architectures());
    } catch (IllegalArgumentException e) {
      throw new RefusedSpecException("linux.seccomp.architectures", String.valueOf(e.getMessage()));
    }
  }

  private static void notes(Seccomp profile, Set<Architecture> architectures, List<String> notes) {
    for (int i = 0; i < profile.syscalls().size(); i++) {
      for (String name : profile.syscalls().get(i).names()) {
        if (architectures.stream()
            .allMatch(a -> a.table().number(name).isEmpty() && a.multiplexed(name) == null)) {
          notes.add(
              "linux.seccomp.syscalls[" + i + "]: this architecture has no call '" + name + "'");
        }
      }
    }
  }

  private static SortedMap<Integer, List<Branch>> calls(Seccomp profile, Architecture architecture)
      throws RefusedSpecException {
    SortedMap<Integer, List<Branch>> calls = new TreeMap<>();
    for (int i = 0; i < profile.syscalls().size(); i++) {
      Seccomp.Rule rule = profile.syscalls().get(i);
      String path = "linux.seccomp.syscalls[" + i + "]";
      int action = action(rule.action(), rule.errnoRet(), path + ".action");
      check(rule, path);
      for (String name : rule.names()) {
        if (rule.action().equals(Action.NOTIFY) && name.equals("sendmsg")) {
          throw new RefusedSpecException(
              path, "SCMP_ACT_NOTIFY for sendmsg: the listener itself is sent by it");
        }
        OptionalInt number = architecture.table().number(name);
        if (number.isPresent()) {
          calls
              .computeIfAbsent(number.getAsInt() | architecture.numberBit(), _ -> new ArrayList<>())
              .add(new Branch(arguments(rule, architecture), action));
        }
        addMultiplexed(architecture, rule, name, action, calls);
      }
    }
    return calls;
  }

  /** Registers of 32 bits hold half of what a profile for 64 bits says. */
  private static List<Seccomp.Argument> arguments(Seccomp.Rule rule, Architecture architecture) {
    if (architecture != Architecture.X86) {
      return rule.args();
    }
    return rule.args().stream()
        .map(
            a ->
                new Seccomp.Argument(
                    a.index(), a.value() & LOW_HALF, a.valueTwo() & LOW_HALF, a.op()))
        .toList();
  }

  /**
   * The arguments of a call that is made by a multiplexed one lie in memory, where no filter looks.
   * A rule that compares them holds there as if all were equal where it takes away, and not at all
   * where it gives.
   */
  private static void addMultiplexed(
      Architecture architecture,
      Seccomp.Rule rule,
      String name,
      int action,
      SortedMap<Integer, List<Branch>> calls) {
    Architecture.Multiplexed way = architecture.multiplexed(name);
    if (way == null || (!rule.args().isEmpty() && action == Action.ALLOW)) {
      return;
    }
    Seccomp.Argument which =
        new Seccomp.Argument(0, IPC_MASK, way.argument(), "SCMP_CMP_MASKED_EQ");
    calls
        .computeIfAbsent(way.number(), _ -> new ArrayList<>())
        .add(new Branch(List.of(which), action));
  }

  private static void check(Seccomp.Rule rule, String path) throws RefusedSpecException {
    for (int i = 0; i < rule.args().size(); i++) {
      Seccomp.Argument argument = rule.args().get(i);
      if (argument.index() < 0 || argument.index() > 5) {
        throw new RefusedSpecException(
            path + ".args[" + i + "].index", argument.index() + " is not within 0 to 5");
      }
      if (!Comparison.isKnown(argument.op())) {
        throw new RefusedSpecException(
            path + ".args[" + i + "].op", "'" + argument.op() + "' is not a comparison");
      }
    }
  }

  private static int flags(Seccomp profile) throws RefusedSpecException {
    int flags = 0;
    for (String flag : profile.flags()) {
      flags |=
          switch (flag) {
            case "SECCOMP_FILTER_FLAG_TSYNC" -> 1;
            case "SECCOMP_FILTER_FLAG_LOG" -> 2;
            case "SECCOMP_FILTER_FLAG_SPEC_ALLOW" -> 4;
            case "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV" -> 1 << 5;
            default ->
                throw new RefusedSpecException(
                    "linux.seccomp.flags", "'" + flag + "' is not supported");
          };
    }
    return flags;
  }

  /** Neighbouring numbers with the same branches become one range. */
  private static List<Range> ranges(SortedMap<Integer, List<Branch>> calls) {
    List<Range> ranges = new ArrayList<>();
    calls.forEach(
        (number, branches) -> {
          Range last = ranges.isEmpty() ? null : ranges.getLast();
          if (last != null && last.last() + 1 == number && last.branches().equals(branches)) {
            ranges.removeLast();
            ranges.add(new Range(last.first(), number, branches));
          } else {
            ranges.add(new Range(number, number, branches));
          }
        });
    return ranges;
  }

  /** Built from the end to the beginning, so that every jump goes to a known place. */
  private void program(Seccomp profile, Set<Architecture> architectures)
      throws RefusedSpecException {
    SortedMap<Integer, List<Branch>> calls = calls(profile, Architecture.X86_64);
    boolean x32 = architectures.contains(Architecture.X32);
    if (x32) {
      calls.putAll(calls(profile, Architecture.X32));
    }
    BpfAssembler.Label other = foreign();
    if (architectures.contains(Architecture.X86)) {
      BpfAssembler.Label foreign = other;
      BpfAssembler.Label narrow = lookUp(ranges(calls(profile, Architecture.X86)));
      other = out.jumpIf(BpfAssembler.JEQ, Architecture.X86.auditNumber(), narrow, foreign);
    }
    BpfAssembler.Label number = lookUp(x32 ? ranges(calls) : without32(ranges(calls)));
    BpfAssembler.Label arch =
        out.jumpIf(BpfAssembler.JEQ, Architecture.X86_64.auditNumber(), number, other);
    out.load(OFFSET_ARCH, arch);
  }

  private BpfAssembler.Label foreign() {
    return out.ret(foreignAction());
  }

  private int foreignAction() {
    return defaultAction == Action.ALLOW ? Action.KILL_PROCESS : defaultAction;
  }

  /** Whatever has the bit of x32 in its number is of an architecture that the profile lacks. */
  private List<Range> without32(List<Range> ranges) {
    if (foreignAction() == defaultAction) {
      return ranges;
    }
    List<Range> more = new ArrayList<>(ranges);
    Branch end = new Branch(List.of(), foreignAction());
    more.add(new Range(Architecture.X32.numberBit(), LAST_NUMBER, List.of(end)));
    return more;
  }

  private BpfAssembler.Label lookUp(List<Range> ranges) {
    BpfAssembler.Label search = search(ranges, 0, ranges.size());
    return out.load(OFFSET_NR, search);
  }

  private BpfAssembler.Label search(List<Range> ranges, int from, int to) {
    if (from == to) {
      return out.ret(defaultAction);
    }
    if (to - from == 1) {
      return range(ranges.get(from));
    }
    int middle = (from + to) / 2;
    BpfAssembler.Label above = search(ranges, middle, to);
    BpfAssembler.Label below = search(ranges, from, middle);
    return out.jumpIf(BpfAssembler.JGE, ranges.get(middle).first(), above, below);
  }

  private BpfAssembler.Label range(Range range) {
    BpfAssembler.Label outside = out.ret(defaultAction);
    BpfAssembler.Label inside = branches(range.branches());
    BpfAssembler.Label upper = out.jumpIf(BpfAssembler.JGE, range.last() + 1, outside, inside);
    return out.jumpIf(BpfAssembler.JGE, range.first(), upper, outside);
  }

  private BpfAssembler.Label branches(List<Branch> branches) {
    BpfAssembler.Label next = out.ret(defaultAction);
    for (Branch branch : branches.reversed()) {
      BpfAssembler.Label hit = out.ret(branch.action());
      for (Seccomp.Argument condition : branch.conditions().reversed()) {
        hit = Comparison.emit(out, condition, hit, next);
      }
      next = hit;
    }
    return next;
  }
}
