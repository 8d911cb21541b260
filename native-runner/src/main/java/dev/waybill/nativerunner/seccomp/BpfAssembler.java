package dev.waybill.nativerunner.seccomp;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Assembles a classic BPF program from its end to its beginning: whoever emits an instruction
 * already has the labels that it goes to. Conditional jumps reach 255 instructions; a farther place
 * is reached over an unconditional one.
 */
final class BpfAssembler {
  static final int JEQ = 0x15;
  static final int JGT = 0x25;
  static final int JGE = 0x35;
  private static final int LOAD_ABSOLUTE = 0x20;
  private static final int AND = 0x54;
  private static final int JUMP = 0x05;
  private static final int RETURN = 0x06;
  private static final int NEAR = 255;

  /** A place in the program, counted from its end. */
  record Label(int fromEnd) {}

  private record Instruction(int code, int ifTrue, int ifFalse, int operand) {}

  private final List<Instruction> reversed = new ArrayList<>();
  private final Map<Integer, Label> returns = new HashMap<>();

  int size() {
    return reversed.size();
  }

  private Label add(int code, int ifTrue, int ifFalse, int operand) {
    reversed.add(new Instruction(code, ifTrue, ifFalse, operand));
    return new Label(reversed.size());
  }

  /** How many instructions lie between the one that is emitted next and the label. */
  private int distance(Label label) {
    return reversed.size() - label.fromEnd();
  }

  /** Returns a value; a near one that returns the same is used again. */
  Label ret(int value) {
    Label known = returns.get(value);
    if (known != null && distance(known) < NEAR / 2) {
      return known;
    }
    Label label = add(RETURN, 0, 0, value);
    returns.put(value, label);
    return label;
  }

  private Label near(Label target) {
    return distance(target) < NEAR ? target : add(JUMP, 0, 0, distance(target));
  }

  private Label falls(Label next) {
    return distance(next) == 0 ? next : add(JUMP, 0, 0, distance(next));
  }

  Label jumpIf(int code, int operand, Label ifTrue, Label ifFalse) {
    Label nearTrue = near(ifTrue);
    Label nearFalse = near(ifFalse);
    return add(code, distance(nearTrue), distance(nearFalse), operand);
  }

  Label load(int offset, Label next) {
    falls(next);
    return add(LOAD_ABSOLUTE, 0, 0, offset);
  }

  Label and(int mask, Label next) {
    falls(next);
    return add(AND, 0, 0, mask);
  }

  /** The program as {@code struct sock_filter} instructions. */
  byte[] bytes() {
    ByteBuffer buffer = ByteBuffer.allocate(reversed.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction i : reversed.reversed()) {
      buffer.putShort((short) i.code()).put((byte) i.ifTrue()).put((byte) i.ifFalse());
      buffer.putInt(i.operand());
    }
    return buffer.array();
  }
}
