package dev.waybill.noderunner.dns;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.testkit.seed.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class DnsServerTest {
  @Test
  void a_question_is_read_and_answered_with_its_addresses() {
    byte[] query = query(0x1234, "web.local", 1);
    DnsMessage.Question question = DnsMessage.question(query, query.length).orElseThrow();
    assertThat(question.name()).isEqualTo("web.local");
    assertThat(question.asksForAddress()).isTrue();

    ByteBuffer answer =
        ByteBuffer.wrap(
            DnsMessage.answer(
                query, question, List.of(new byte[] {10, 0, 0, 1}, new byte[] {10, 0, 0, 2})));

    assertThat(answer.getShort()).isEqualTo((short) 0x1234);
    assertThat(answer.getShort() & 0x8000).isNotZero();
    assertThat(answer.getShort(6)).isEqualTo((short) 2);
    assertThat(answer.get(answer.limit() - 1)).isEqualTo((byte) 2);
  }

  @Test
  void an_answer_or_garbage_is_no_question() {
    byte[] query = query(1, "a", 1);
    query[2] |= (byte) 0x80;
    assertThat(DnsMessage.question(query, query.length)).isEmpty();

    Seeds.forEachSeed(
        2000,
        seed -> {
          var random = new SplittableRandom(seed);
          byte[] bytes = new byte[random.nextInt(0, 64)];
          random.nextBytes(bytes);
          Optional<DnsMessage.Question> question = DnsMessage.question(bytes, bytes.length);
          question.ifPresent(q -> assertThat(q.end()).isLessThanOrEqualTo(bytes.length));
        });
  }

  @Test
  void names_are_compared_without_case_and_go_when_nobody_carries_them() {
    var names = new Names();
    names.set("lan", "Web", List.of("10.0.0.1"));
    assertThat(names.find("lan", "wEB")).contains(List.of("10.0.0.1"));
    assertThat(names.find("other", "web")).isEmpty();

    names.set("lan", "web", List.of());
    assertThat(names.find("lan", "web")).isEmpty();
  }

  private static byte[] query(int id, String name, int type) {
    ByteBuffer out = ByteBuffer.allocate(512);
    out.putShort((short) id).putShort((short) 0x0100).putShort((short) 1);
    out.putShort((short) 0).putShort((short) 0).putShort((short) 0);
    for (String label : name.split("\\.", -1)) {
      out.put((byte) label.length()).put(label.getBytes(StandardCharsets.US_ASCII));
    }
    out.put((byte) 0).putShort((short) type).putShort((short) 1);
    byte[] bytes = new byte[out.position()];
    out.flip().get(bytes);
    return bytes;
  }

  @Test
  void an_address_at_which_something_else_answers_is_named() throws Exception {
    assumeTrue("root".equals(System.getProperty("user.name")), "port 53 needs root");
    try (var first = new DnsServer(new Names(), List.of(), ignored -> {});
        var second = new DnsServer(new Names(), List.of(), ignored -> {})) {
      first.listen("bridge", "127.53.77.1");

      assertThatThrownBy(() -> second.listen("bridge", "127.53.77.1"))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("127.53.77.1, port 53")
          .hasMessageContaining("does another platform use this range?");
    }
  }
}
