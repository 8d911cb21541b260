package dev.waybill.noderunner.dns;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * As much of a DNS message as an answerer for names on a network needs.
 *
 * @see <a href="https://www.rfc-editor.org/rfc/rfc1035#section-4">RFC 1035, 4</a>
 */
final class DnsMessage {
  /** Bytes of a message over UDP without extensions. */
  static final int BYTES_MAX = 4096;

  private static final int HEADER_BYTES = 12;
  private static final int TYPE_A = 1;
  private static final int CLASS_IN = 1;
  private static final int TTL_SECONDS = 1;
  private static final int FLAG_RESPONSE = 0x8000;
  private static final int FLAG_AUTHORITATIVE = 0x0400;
  private static final int FLAG_RECURSION_DESIRED = 0x0100;
  private static final int FLAG_RECURSION_AVAILABLE = 0x0080;
  static final int SERVER_FAILURE = 2;

  private DnsMessage() {}

  /**
   * The question of a query.
   *
   * @param name without the final dot
   * @param type record type, 1 for an IPv4 address
   * @param end offset of the first byte after the question
   */
  record Question(int id, int flags, String name, int type, int end) {
    boolean asksForAddress() {
      return type == TYPE_A;
    }
  }

  /** The one question of a query; empty where the bytes are no such query. */
  static Optional<Question> question(byte[] message, int length) {
    if (length < HEADER_BYTES) {
      return Optional.empty();
    }
    ByteBuffer in = ByteBuffer.wrap(message, 0, length);
    int id = in.getShort() & 0xFFFF;
    int flags = in.getShort() & 0xFFFF;
    int questions = in.getShort() & 0xFFFF;
    if ((flags & FLAG_RESPONSE) != 0 || questions != 1) {
      return Optional.empty();
    }
    in.position(HEADER_BYTES);
    var name = new StringBuilder();
    while (in.remaining() > 0) {
      int labelLength = in.get() & 0xFF;
      if (labelLength == 0) {
        return in.remaining() < 4
            ? Optional.empty()
            : Optional.of(
                new Question(
                    id, flags, name.toString(), in.getShort() & 0xFFFF, in.position() + 2));
      }
      if (labelLength > 63 || labelLength > in.remaining()) {
        return Optional.empty();
      }
      byte[] label = new byte[labelLength];
      in.get(label);
      name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
    }
    return Optional.empty();
  }

  /** The answer with these IPv4 addresses; none of them means that the name has no such record. */
  static byte[] answer(byte[] query, Question question, List<byte[]> addresses) {
    ByteBuffer out = head(query, question, 0, addresses.size(), addresses.size() * 16);
    for (byte[] address : addresses) {
      // A pointer to the name in the question.
      out.putShort((short) (0xC000 | HEADER_BYTES));
      out.putShort((short) TYPE_A);
      out.putShort((short) CLASS_IN);
      out.putInt(TTL_SECONDS);
      out.putShort((short) address.length);
      out.put(address);
    }
    return out.array();
  }

  /** The answer that something went wrong. */
  static byte[] failure(byte[] query, Question question, int code) {
    return head(query, question, code, 0, 0).array();
  }

  private static ByteBuffer head(
      byte[] query, Question question, int code, int answers, int answerBytes) {
    ByteBuffer out = ByteBuffer.allocate(question.end() + answerBytes);
    int flags =
        FLAG_RESPONSE
            | FLAG_AUTHORITATIVE
            | FLAG_RECURSION_AVAILABLE
            | question.flags() & FLAG_RECURSION_DESIRED
            | code;
    out.putShort((short) question.id());
    out.putShort((short) flags);
    out.putShort((short) 1);
    out.putShort((short) answers);
    out.putShort((short) 0);
    out.putShort((short) 0);
    out.put(query, HEADER_BYTES, question.end() - HEADER_BYTES);
    return out;
  }
}
