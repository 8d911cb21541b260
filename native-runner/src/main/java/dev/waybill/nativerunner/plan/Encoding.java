package dev.waybill.nativerunner.plan;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** The canonical encoding of a plan; plan.h describes it. */
final class Encoding {
  private static final byte[] MAGIC = {'w', 'a', 'y', 'b', 'i', 'l', 'l', 1};

  private Encoding() {}

  static byte[] encode(List<Step> steps) {
    ByteArrayOutputStream out = new ByteArrayOutputStream(16 * 1024);
    out.writeBytes(MAGIC);
    word(steps.size(), out);
    ByteArrayOutputStream fields = new ByteArrayOutputStream();
    for (Step step : steps) {
      Form form = Form.of(step.op());
      fields.reset();
      form.fields().forEach(field -> encode(field, fields));
      out.write(form.code());
      out.write(step.phase().ordinal());
      word(fields.size(), out);
      out.writeBytes(fields.toByteArray());
    }
    return out.toByteArray();
  }

  private static void encode(Form.Field field, ByteArrayOutputStream out) {
    switch (field.value()) {
      case Integer value -> word(value, out);
      case Long value -> out.writeBytes(buffer(Long.BYTES).putLong(value).array());
      case String value -> encodeText(value, out);
      case byte[] value -> {
        word(value.length, out);
        out.writeBytes(value);
      }
      case List<?> values -> {
        word(values.size(), out);
        values.forEach(value -> encodeText((String) value, out));
      }
      default -> throw new IllegalStateException("no encoding for field " + field.name());
    }
  }

  private static void encodeText(String text, ByteArrayOutputStream out) {
    if (text.indexOf('\0') >= 0) {
      throw new IllegalArgumentException("a NUL inside '" + text.replace('\0', '?') + "'");
    }
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    word(bytes.length, out);
    out.writeBytes(bytes);
    out.write(0);
  }

  /** Numbers of 32 bits, one after the other. */
  static byte[] words(List<Integer> values) {
    ByteBuffer buffer = buffer(values.size() * Integer.BYTES);
    values.forEach(buffer::putInt);
    return buffer.array();
  }

  private static void word(int value, ByteArrayOutputStream out) {
    for (int shift = 0; shift < Integer.SIZE; shift += Byte.SIZE) {
      out.write(value >>> shift);
    }
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
