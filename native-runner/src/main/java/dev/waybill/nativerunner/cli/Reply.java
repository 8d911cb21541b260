package dev.waybill.nativerunner.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** What the command line is answered. */
sealed interface Reply {
  /**
   * A plan to execute.
   *
   * @param plan its encoding
   * @param lines one text for each operation, to say which failed
   * @param tail the constant part of `state`, members of a JSON object
   * @param cgroups directories, one a line
   * @param notes what was changed to fit the host, one a line
   * @param network whether a network namespace that is ready may be used
   * @param stop the call to systemd that takes the container's unit away; empty for none
   */
  record Plan(
      byte[] plan,
      String lines,
      String tail,
      String cgroups,
      String notes,
      boolean network,
      byte[] stop)
      implements Reply {}

  /** A text to print. */
  record Text(String text) implements Reply {}

  /** A refusal. */
  record Refused(String message) implements Reply {}

  /** Writes it without a network namespace. */
  default void write(OutputStream out) throws IOException {
    write(out, "");
  }

  /**
   * Writes it.
   *
   * @param network this process's descriptor of a network namespace for the container, until the
   *     other side closes; empty for none
   */
  default void write(OutputStream out, String network) throws IOException {
    List<byte[]> sections =
        switch (this) {
          case Plan p ->
              List.of(
                  p.plan(),
                  utf8(p.lines()),
                  utf8(p.tail()),
                  utf8(p.cgroups()),
                  utf8(""),
                  utf8(p.notes()),
                  utf8(network),
                  p.stop());
          case Text t ->
              List.of(
                  utf8(""),
                  utf8(""),
                  utf8(""),
                  utf8(""),
                  utf8(t.text()),
                  utf8(""),
                  utf8(""),
                  utf8(""));
          case Refused r -> List.of(utf8(r.message()));
        };
    ByteArrayOutputStream body = new ByteArrayOutputStream();
    body.write(this instanceof Refused ? 1 : 0);
    for (byte[] section : sections) {
      body.writeBytes(word(section.length));
      body.writeBytes(section);
    }
    ByteArrayOutputStream whole = new ByteArrayOutputStream();
    whole.writeBytes(word(body.size()));
    body.writeTo(whole);
    out.write(whole.toByteArray());
    out.flush();
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static byte[] word(int value) {
    return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
  }
}
