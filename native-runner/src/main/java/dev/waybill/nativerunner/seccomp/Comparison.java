package dev.waybill.nativerunner.seccomp;

import dev.waybill.oci.runtime.Seccomp;
import java.util.Set;

/** Compares a 64-bit argument of a call, a 32-bit half at a time. */
final class Comparison {
  private static final int OFFSET_ARGS = 16;
  private static final int ARG_BYTES = 8;
  private static final Set<String> KNOWN =
      Set.of(
          "SCMP_CMP_NE",
          "SCMP_CMP_LT",
          "SCMP_CMP_LE",
          "SCMP_CMP_EQ",
          "SCMP_CMP_GE",
          "SCMP_CMP_GT",
          "SCMP_CMP_MASKED_EQ");

  private Comparison() {}

  static boolean isKnown(String op) {
    return KNOWN.contains(op);
  }

  /** Emits the comparison; goes to {@code hit} when it holds, to {@code miss} when not. */
  static BpfAssembler.Label emit(
      BpfAssembler out,
      Seccomp.Argument argument,
      BpfAssembler.Label hit,
      BpfAssembler.Label miss) {
    long value = argument.value();
    return switch (argument.op()) {
      case "SCMP_CMP_EQ" -> equal(out, argument.index(), -1L, value, hit, miss);
      case "SCMP_CMP_NE" -> equal(out, argument.index(), -1L, value, miss, hit);
      case "SCMP_CMP_MASKED_EQ" ->
          equal(out, argument.index(), value, argument.valueTwo(), hit, miss);
      case "SCMP_CMP_GE" -> above(out, argument.index(), BpfAssembler.JGE, value, hit, miss);
      case "SCMP_CMP_LT" -> above(out, argument.index(), BpfAssembler.JGE, value, miss, hit);
      case "SCMP_CMP_GT" -> above(out, argument.index(), BpfAssembler.JGT, value, hit, miss);
      case "SCMP_CMP_LE" -> above(out, argument.index(), BpfAssembler.JGT, value, miss, hit);
      default -> throw new IllegalStateException("unchecked comparison " + argument.op());
    };
  }

  private static int low(int index) {
    return OFFSET_ARGS + index * ARG_BYTES;
  }

  private static int high(int index) {
    return low(index) + ARG_BYTES / 2;
  }

  private static BpfAssembler.Label equal(
      BpfAssembler out,
      int index,
      long mask,
      long value,
      BpfAssembler.Label hit,
      BpfAssembler.Label miss) {
    BpfAssembler.Label low = out.jumpIf(BpfAssembler.JEQ, (int) value, hit, miss);
    low = (int) mask == -1 ? low : out.and((int) mask, low);
    low = out.load(low(index), low);
    BpfAssembler.Label high = out.jumpIf(BpfAssembler.JEQ, (int) (value >>> 32), low, miss);
    high = (int) (mask >>> 32) == -1 ? high : out.and((int) (mask >>> 32), high);
    return out.load(high(index), high);
  }

  /** The high half decides unless it is equal; then the low half does. */
  private static BpfAssembler.Label above(
      BpfAssembler out,
      int index,
      int lowCode,
      long value,
      BpfAssembler.Label hit,
      BpfAssembler.Label miss) {
    int upper = (int) (value >>> 32);
    BpfAssembler.Label low = out.jumpIf(lowCode, (int) value, hit, miss);
    low = out.load(low(index), low);
    BpfAssembler.Label same = out.jumpIf(BpfAssembler.JEQ, upper, low, miss);
    BpfAssembler.Label high = out.jumpIf(BpfAssembler.JGT, upper, hit, same);
    return out.load(high(index), high);
  }
}
