package dev.waybill.nativerunner.cgroup;

import dev.waybill.oci.runtime.Resources;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/**
 * Compiles device rules to the program that a cgroup of version 2 asks. The kernel hands it the
 * device's type, the access and the numbers; it answers 1 to allow. Later rules win, so the rules
 * are tried from the last to the first and the first that covers the whole access decides; the
 * first rule of all is about everything, so that one always does.
 */
final class DeviceProgram {
  private static final int LOAD_WORD = 0x61; // BPF_LDX | BPF_MEM | BPF_W
  private static final int AND_K = 0x54; // BPF_ALU | BPF_AND | BPF_K
  private static final int RSH_K = 0x74;
  private static final int MOV_X = 0xbc;
  private static final int MOV_K = 0xb7;
  private static final int JNE_K = 0x55;
  private static final int JNE_X = 0x5d;
  private static final int EXIT = 0x95;
  private static final int BLOCK = 1;
  private static final int CHAR = 2;

  private record Instruction(int code, int dst, int src, int offset, int immediate) {}

  private final List<Instruction> program = new ArrayList<>();

  private DeviceProgram() {}

  /** The program of these resources, as {@code struct bpf_insn} instructions. */
  static byte[] compile(Resources resources) {
    DeviceProgram device = new DeviceProgram();
    device.load();
    List<DeviceController.Rule> rules = DeviceController.rules(resources);
    for (DeviceController.Rule rule : rules.reversed()) {
      device.rule(rule);
      if (rule.type() == 'a') {
        break; // it decides about everything; the kernel refuses code that nothing leads to
      }
    }
    return device.bytes();
  }

  /** r2 = type, r3 = access, r4 = major, r5 = minor. */
  private void load() {
    emit(LOAD_WORD, 2, 1, 0, 0);
    emit(MOV_X, 3, 2, 0, 0);
    emit(AND_K, 2, 0, 0, 0xffff);
    emit(RSH_K, 3, 0, 0, 16);
    emit(LOAD_WORD, 4, 1, 4, 0);
    emit(LOAD_WORD, 5, 1, 8, 0);
  }

  private void rule(DeviceController.Rule rule) {
    List<Instruction> tests = new ArrayList<>();
    if (rule.type() != 'a') {
      tests.add(new Instruction(JNE_K, 2, 0, 0, rule.type() == 'b' ? BLOCK : CHAR));
    }
    int access = access(rule.access());
    if (access != 7) {
      // A refusal holds when any forbidden access is asked, a permission when all asked is
      // permitted.
      tests.add(new Instruction(MOV_X, 6, 3, 0, 0));
      tests.add(new Instruction(AND_K, 6, 0, 0, access));
      tests.add(
          rule.allow()
              ? new Instruction(JNE_X, 6, 3, 0, 0)
              : new Instruction(0x15, 6, 0, 0, 0)); // jump away when none is asked
    }
    if (rule.major() >= 0) {
      tests.add(new Instruction(JNE_K, 4, 0, 0, (int) rule.major()));
    }
    if (rule.minor() >= 0) {
      tests.add(new Instruction(JNE_K, 5, 0, 0, (int) rule.minor()));
    }
    for (int i = 0; i < tests.size(); i++) {
      Instruction test = tests.get(i);
      boolean jump = (test.code() & 7) == 5;
      // Past the remaining tests and the two instructions of the answer.
      int offset = jump ? tests.size() - i - 1 + 2 : 0;
      emit(test.code(), test.dst(), test.src(), offset, test.immediate());
    }
    answer(rule.allow() ? 1 : 0);
  }

  private static int access(String letters) {
    int access = 0;
    for (char letter : letters.toCharArray()) {
      access |=
          switch (letter) {
            case 'm' -> 1;
            case 'r' -> 2;
            case 'w' -> 4;
            default -> 0;
          };
    }
    return access;
  }

  private void answer(int value) {
    emit(MOV_K, 0, 0, 0, value);
    emit(EXIT, 0, 0, 0, 0);
  }

  private void emit(int code, int dst, int src, int offset, int immediate) {
    program.add(new Instruction(code, dst, src, offset, immediate));
  }

  private byte[] bytes() {
    ByteBuffer out = ByteBuffer.allocate(program.size() * 8).order(ByteOrder.LITTLE_ENDIAN);
    for (Instruction i : program) {
      out.put((byte) i.code()).put((byte) (i.src() << 4 | i.dst()));
      out.putShort((short) i.offset()).putInt(i.immediate());
    }
    return out.array();
  }
}
