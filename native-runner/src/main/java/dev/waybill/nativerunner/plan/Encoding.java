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
    out.writeBytes(word(steps.size()));
    for (Step step : steps) {
      Form form = Form.of(step.op());
      ByteArrayOutputStream fields = new ByteArrayOutputStream();
      form.fields().forEach(field -> encode(field, fields));
      out.write(form.code());
      out.write(step.phase().ordinal());
      out.writeBytes(word(fields.size()));
      out.writeBytes(fields.toByteArray());
    }
    return out.toByteArray();
  }

  private static void encode(Form.Field field, ByteArrayOutputStream out) {
    switch (field.value()) {
      case Integer value -> out.writeBytes(word(value));
      case Long value -> out.writeBytes(buffer(Long.BYTES).putLong(value).array());
      case String value -> encodeText(value, out);
      case byte[] value -> {
        out.writeBytes(word(value.length));
        out.writeBytes(value);
      }
      case List<?> values -> {
        out.writeBytes(word(values.size()));
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
    out.writeBytes(word(bytes.length));
    out.writeBytes(bytes);
    out.write(0);
  }

  /** Numbers of 32 bits, one after the other. */
  static byte[] words(List<Integer> values) {
    ByteBuffer buffer = buffer(values.size() * Integer.BYTES);
    values.forEach(buffer::putInt);
    return buffer.array();
  }

  private static byte[] word(int value) {
    return buffer(Integer.BYTES).putInt(value).array();
  }

  private static ByteBuffer buffer(int size) {
    return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
  }
}
