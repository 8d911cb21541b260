package dev.waybill.nativerunner.cgroup;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * A method call of D-Bus to systemd's manager, as bytes; little-endian, serial 1.
 *
 * @see <a href="https://dbus.freedesktop.org/doc/dbus-specification.html#message-protocol">D-Bus
 *     specification, message protocol</a>
 */
final class BusMessage {
  private static final int CAPACITY = 16 * 1024;
  private static final int STRUCT_ALIGNMENT = 8;
  private static final byte METHOD_CALL = 1;
  private static final byte VERSION = 1;
  private static final byte PATH = 1;
  private static final byte INTERFACE = 2;
  private static final byte MEMBER = 3;
  private static final byte DESTINATION = 6;
  private static final byte SIGNATURE = 8;

  private final ByteBuffer bytes = ByteBuffer.allocate(CAPACITY).order(ByteOrder.LITTLE_ENDIAN);
  private final int bodyLengthAt = 4;
  private final int bodyAt;

  /** Begins a call of the manager; what follows is its body. */
  BusMessage(String member, String signature) {
    bytes.put((byte) 'l').put(METHOD_CALL).put((byte) 0).put(VERSION);
    bytes.putInt(0).putInt(1);
    Length fields = array(STRUCT_ALIGNMENT);
    field(PATH, "o", "/org/freedesktop/systemd1");
    field(DESTINATION, "s", "org.freedesktop.systemd1");
    field(INTERFACE, "s", "org.freedesktop.systemd1.Manager");
    field(MEMBER, "s", member);
    struct();
    bytes.put(SIGNATURE);
    signature("g");
    signature(signature);
    fields.end();
    struct();
    bodyAt = bytes.position();
  }

  /** The length of an array, which is known at its end. */
  record Length(BusMessage message, int at, int begin) {
    void end() {
      message.bytes.putInt(at, message.bytes.position() - begin);
    }
  }

  /** Begins an array whose elements have this alignment. */
  Length array(int alignment) {
    align(Integer.BYTES);
    int at = bytes.position();
    bytes.putInt(0);
    align(alignment);
    return new Length(this, at, bytes.position());
  }

  private void align(int boundary) {
    while (bytes.position() % boundary != 0) {
      bytes.put((byte) 0);
    }
  }

  private void field(byte code, String type, String value) {
    struct();
    bytes.put(code);
    signature(type);
    string(value);
  }

  /** Begins a structure. */
  BusMessage struct() {
    align(STRUCT_ALIGNMENT);
    return this;
  }

  /** A string or an object path. */
  BusMessage string(String text) {
    byte[] content = text.getBytes(StandardCharsets.UTF_8);
    align(Integer.BYTES);
    bytes.putInt(content.length).put(content).put((byte) 0);
    return this;
  }

  BusMessage signature(String text) {
    byte[] content = text.getBytes(StandardCharsets.US_ASCII);
    bytes.put((byte) content.length).put(content).put((byte) 0);
    return this;
  }

  /** A number of 32 bits, or a truth value. */
  BusMessage number(int value) {
    align(Integer.BYTES);
    bytes.putInt(value);
    return this;
  }

  /** A number of 64 bits. */
  BusMessage big(long value) {
    align(Long.BYTES);
    bytes.putLong(value);
    return this;
  }

  /** Where the next byte goes, from the message's start. */
  int position() {
    return bytes.position();
  }

  /** The whole message. */
  byte[] end() {
    bytes.putInt(bodyLengthAt, bytes.position() - bodyAt);
    return Arrays.copyOf(bytes.array(), bytes.position());
  }
}
