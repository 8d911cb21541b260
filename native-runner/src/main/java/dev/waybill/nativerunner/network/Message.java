package dev.waybill.nativerunner.network;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * Builds a netlink message: header, a fixed part, attributes. Numbers are in the machine's order
 * unless a method says network order; every attribute is padded to four bytes.
 */
final class Message {
  static final int REQUEST = 1;
  static final int ACK = 4;
  static final int DUMP = 0x300;
  static final int CREATE = 0x400;
  static final int EXCLUSIVE = 0x200;
  static final int REPLACE = 0x100;
  static final int APPEND = 0x800;
  static final int HEADER_BYTES = 16;
  private static final int NESTED = 0x8000;
  private static final int ALIGNMENT = 4;

  private final int type;
  private final int flags;
  private final ByteArrayOutputStream body = new ByteArrayOutputStream();

  Message(int type, int flags) {
    this.type = type;
    this.flags = flags | REQUEST;
  }

  private static byte[] number(int value, ByteOrder order) {
    return ByteBuffer.allocate(Integer.BYTES).order(order).putInt(value).array();
  }

  /** Bytes of the fixed part. */
  Message fixed(int... bytes) {
    for (int b : bytes) {
      body.write(b);
    }
    return this;
  }

  /** A number of the fixed part. */
  Message fixedInt(int value) {
    body.writeBytes(number(value, ByteOrder.nativeOrder()));
    return this;
  }

  Message attribute(int kind, byte[] value) {
    ByteBuffer header =
        ByteBuffer.allocate(ALIGNMENT)
            .order(ByteOrder.nativeOrder())
            .putShort((short) (value.length + ALIGNMENT))
            .putShort((short) kind);
    body.writeBytes(header.array());
    body.writeBytes(value);
    while (body.size() % ALIGNMENT != 0) {
      body.write(0);
    }
    return this;
  }

  Message text(int kind, String value) {
    return attribute(kind, (value + "\0").getBytes(StandardCharsets.UTF_8));
  }

  Message number(int kind, int value) {
    return attribute(kind, number(value, ByteOrder.nativeOrder()));
  }

  Message networkOrder(int kind, int value) {
    return attribute(kind, number(value, ByteOrder.BIG_ENDIAN));
  }

  /** Attributes within an attribute. */
  Message nested(int kind, Message inner) {
    return attribute(kind | NESTED, inner.body.toByteArray());
  }

  /** A part to nest in another: no header, no fixed part. */
  static Message part() {
    return new Message(0, 0);
  }

  byte[] bytes(int sequence) {
    ByteBuffer out = ByteBuffer.allocate(HEADER_BYTES + body.size()).order(ByteOrder.nativeOrder());
    out.putInt(HEADER_BYTES + body.size());
    out.putShort((short) type).putShort((short) flags);
    out.putInt(sequence).putInt(0);
    return out.put(body.toByteArray()).array();
  }
}
