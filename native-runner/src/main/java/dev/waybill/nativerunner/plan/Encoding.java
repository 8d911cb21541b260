package dev.waybill.nativerunner.plan;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/** The canonical encoding of a plan; plan.h describes it. */
final class Encoding {
  private static final byte[] MAGIC = {'w', 'a', 'y', 'b', 'i', 'l', 'l', 1};
  private static final int FIRST_BYTES = 16 * 1024;

  private ByteBuffer out = buffer(FIRST_BYTES);

  private Encoding() {}

  static byte[] encode(List<Step> steps) {
    var encoding = new Encoding();
    encoding.room(MAGIC.length).put(MAGIC);
    encoding.word(steps.size());
    for (Step step : steps) {
      encoding.step(step);
    }
    return Arrays.copyOf(encoding.out.array(), encoding.out.position());
  }

  @SuppressWarnings("EnumOrdinal") // the plan's encoding
  private void step(Step step) {
    Form form = Form.of(step.op());
    room(2).put((byte) form.code()).put((byte) step.phase().ordinal());
    word(0);
    int begun = out.position();
    form.fields().forEach(this::field);
    out.putInt(begun - Integer.BYTES, out.position() - begun);
  }

  private void field(Form.Field field) {
    switch (field.value()) {
      case Integer value -> word(value);
      case Long value -> room(Long.BYTES).putLong(value);
      case String value -> text(value);
      case byte[] value -> {
        word(value.length);
        room(value.length).put(value);
      }
      case List<?> values -> {
        word(values.size());
        values.forEach(value -> text((String) value));
      }
      default -> throw new IllegalStateException("no encoding for field " + field.name());
    }
  }

  private void text(String text) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL inside '" + text.replace('\0', '?') + "'");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    word(bytes.length);
    room(bytes.length + 1).put(bytes).put((byte) 0);
  }

  private void word(int value) {
    room(Integer.BYTES).putInt(value);
  }

  /** The buffer with room for that many bytes more. */
  private ByteBuffer room(int bytes) {
    if (out.remaining() < bytes) {
      out.flip();
      out = buffer(2 * (out.limit() + bytes)).put(out);
    }
    return out;
  }

  /** Numbers of 32 bits, one after the other. */
  static byte[] words(List<Integer> values) {
    ByteBuffer buffer = buffer(values.size() * Integer.BYTES);
    values.forEach(buffer::putInt);
    return buffer.array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
