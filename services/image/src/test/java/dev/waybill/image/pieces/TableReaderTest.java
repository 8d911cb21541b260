package dev.waybill.image.pieces;

import static dev.waybill.testkit.seed.Seeds.forEachSeed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.fail;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.Arrays;
import java.util.Collections;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

class TableReaderTest {
  private static final String D = "\"sha256:" + "d".repeat(64) + "\"";
  private static final String E = "\"sha256:" + "e".repeat(64) + "\"";
  private static final String SMALL =
      "{'type':'reg','name':'f','size':9,'digest':%s,'offset':100,'endOffset':150}";

  @Test
  void headers_and_contents_are_pieces_in_turn() throws Exception {
    PieceTable table = read(entries(SMALL.formatted(D), other("g", E, 200, 260)), 300);

    assertThat(starts(table)).containsExactly(0, 100, 150, 200, 260);
    assertThat(table.bytes()).isEqualTo(300);
  }

  @Test
  void a_file_of_several_parts_is_a_piece_for_each() throws Exception {
    String parts =
        "{'type':'reg','name':'f','size':20,'digest':%s,'offset':10,'endOffset':50,'chunkSize':8,"
                .formatted(D)
            + "'chunkDigest':%s},{'type':'chunk','name':'f','offset':30,'chunkOffset':8,'chunkSize':12,'chunkDigest':%s}"
                .formatted(D, E);

    assertThat(starts(read(entries(parts), 60))).containsExactly(0, 10, 30, 50);
  }

  @Test
  void without_an_end_what_follows_a_content_is_packed_with_it() throws Exception {
    String one = "{'type':'reg','name':'f','size':9,'chunkDigest':%s,'offset':100}".formatted(D);
    String two = "{'type':'reg','name':'g','size':9,'chunkDigest':%s,'offset':200}".formatted(E);
    PieceTable table = read(entries(one, two), 300);

    assertThat(starts(table)).containsExactly(0, 100, 200);
    String renamed = two.replace("'g'", "'h'");
    PieceTable other = read(entries(one, renamed), 300);
    assertThat(other.isSame(0, table, 0)).isTrue();
    assertThat(other.isSame(1, table, 1)).as("the next header is in it").isFalse();
    assertThat(other.isSame(2, table, 2)).isTrue();
  }

  @Test
  void contents_that_are_packed_together_are_one_piece() throws Exception {
    String one = "{'type':'reg','name':'f','size':9,'chunkDigest':%s,'offset':100}".formatted(D);
    String two =
        "{'type':'reg','name':'g','size':9,'chunkDigest':%s,'offset':100,'innerOffset':1024}"
            .formatted(E);

    assertThat(starts(read(entries(one, two), 300))).containsExactly(0, 100);
  }

  @Test
  void a_content_is_known_by_its_digest_alone_and_a_header_by_all_that_is_in_it() throws Exception {
    PieceTable table = read(entries(SMALL.formatted(D), other("g", E, 200, 260)), 300);
    PieceTable moved = read(entries(other("x", E, 100, 160), other("g", D, 210, 260)), 300);

    assertThat(moved.isSame(1, table, 3)).isTrue();
    assertThat(moved.isSame(0, table, 0)).isFalse();
    assertThat(moved.isSame(3, table, 1)).isTrue();
    assertThat(moved.isSame(1, table, 1)).isFalse();
  }

  @Test
  void a_header_is_the_same_if_only_the_content_changed() throws Exception {
    PieceTable table = read(entries(SMALL.formatted(D), other("g", E, 200, 260)), 300);
    PieceTable changed = read(entries(SMALL.formatted(E), other("g", E, 200, 260)), 300);

    assertThat(changed.isSame(0, table, 0)).isTrue();
    assertThat(changed.isSame(1, table, 1)).isFalse();
    assertThat(changed.isSame(2, table, 2)).isTrue();
  }

  @Test
  void what_fills_the_last_block_of_a_file_belongs_to_the_next_header() throws Exception {
    PieceTable table = read(entries(SMALL.formatted(D), other("g", E, 200, 260)), 300);
    String longer = SMALL.formatted(D).replace("'size':9", "'size':10");
    PieceTable other = read(entries(longer, other("g", E, 200, 260)), 300);

    assertThat(other.isSame(2, table, 2)).isFalse();
  }

  @Test
  void a_content_without_a_digest_equals_nothing() throws Exception {
    String unknown = "{'type':'reg','name':'f','size':9,'offset':100,'endOffset':150}";
    PieceTable table = read(entries(unknown), 300);

    assertThat(table.isSame(1, table, 1)).isFalse();
    assertThat(table.isSame(0, table, 0)).isTrue();
  }

  @Test
  void pieces_outside_the_layer_and_over_one_another_are_refused() {
    assertRefused(entries(other("f", D, 100, 400)), "ends at byte 400");
    assertRefused(entries(other("f", D, 301, 302)), "ends at byte 301");
    assertRefused(entries(other("f", D, 150, 100)), "ends at byte 100, it began at 150");
    assertRefused(entries(other("f", D, 100, 200), other("g", E, 150, 250)), "ends at byte 150");
    assertRefused(entries(other("f", D, 200, 210), other("g", E, 100, 250)), "ends at byte 100");
  }

  @Test
  void numbers_that_make_no_sense_are_refused() {
    assertRefused(entries(other("f", D, -5, 100)), "a negative number");
    assertRefused(entries(other("f", D, 5, -100)), "a negative number");
    assertRefused(entries("{'type':'reg','size':-1}"), "a negative number");
    assertRefused(entries("{'type':'reg','offset':99999999999999999999}"), "out of range");
    assertRefused(entries("{'type':'reg','offset':'soon'}"), "can't be read");
  }

  @Test
  void what_is_no_table_is_refused() {
    assertRefused("", "is no object");
    assertRefused("[]", "is no object");
    assertRefused("{}", "has no entries");
    assertRefused("{'entries':7}", "no list of entries");
    assertRefused("{'entries':[],'entries':[]}", "or two");
    assertRefused("{'entries':[{'type':'reg'", "can't be read");
    assertRefused("{'entries':[{'x':" + "[".repeat(100), "can't be read");
  }

  @Test
  void too_many_entries_and_too_many_pieces_are_refused() {
    String million = "{'type':'dir'},".repeat(1_000_001);
    assertRefused("{'entries':[" + million + "{}]}", "more than 1000000 entries");

    StringBuilder pieces = new StringBuilder("{\"entries\":[{}");
    for (int i = 1; i < 300_002; i++) {
      pieces.append(",{\"type\":\"reg\",\"size\":1,\"offset\":").append(i).append('}');
    }
    assertThatThrownBy(() -> read(pieces.append("]}").toString(), 1L << 30))
        .isInstanceOf(MalformedTableException.class)
        .hasMessageContaining("more than 300000 pieces");
  }

  @Test
  void a_table_that_never_ends_is_given_up_at_the_limit() {
    byte[] spaces = new byte[1 << 20];
    Arrays.fill(spaces, (byte) ' ');
    InputStream start = new ByteArrayInputStream("{\"entries\":[".getBytes(UTF_8));
    InputStream rest =
        new SequenceInputStream(
            Collections.enumeration(
                Collections.nCopies(100, spaces).stream().map(ByteArrayInputStream::new).toList()));
    InputStream endless = new SequenceInputStream(start, rest);

    assertThatThrownBy(() -> TableReader.read(endless, 300, PieceLimits.DEFAULT))
        .isInstanceOf(MalformedTableException.class)
        .hasMessageContaining("exceeds the maximum");
  }

  @Test
  void one_entry_cannot_say_everything() {
    String attributes = "'a':'" + "x".repeat(600_000) + "','b':'" + "x".repeat(600_000) + "'";
    assertRefused(entries("{'type':'reg','xattrs':{" + attributes + "}}"), "an entry is over");
  }

  @Test
  void a_table_is_refused_or_its_pieces_are_the_layer_whatever_is_in_it() {
    forEachSeed(
        2000,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          byte[] json =
              entries(SMALL.formatted(D), other("g", E, 200, 260), other("h", D, 260, 280))
                  .replace('\'', '"')
                  .getBytes(UTF_8);
          for (int i = random.nextInt(4); i > 0; i--) {
            json[random.nextInt(json.length)] =
                (byte) "0123456789-{}[]\",:eE.x\u0001".charAt(random.nextInt(22));
          }
          try {
            PieceTable table =
                TableReader.read(
                    new ByteArrayInputStream(json, 0, json.length - random.nextInt(3) / 2),
                    300,
                    PieceLimits.DEFAULT);
            assertThat(table.bytes()).isEqualTo(300);
            for (int i = 0; i < table.size(); i++) {
              assertThat(table.length(i)).isPositive();
            }
          } catch (MalformedTableException refused) {
            assertThat(refused.getMessage()).isNotBlank();
          } catch (RuntimeException e) {
            fail("not refused but broken by " + new String(json, UTF_8), e);
          }
        });
  }

  private static String other(String name, String digest, long offset, long end) {
    return "{'type':'reg','name':'%s','size':9,'digest':%s,'offset':%d,'endOffset':%d}"
        .formatted(name, digest, offset, end);
  }

  private static String entries(String... entries) {
    return "{'version':1,'entries':[" + String.join(",", entries) + "]}";
  }

  private static PieceTable read(String json, long end) throws MalformedTableException {
    return TableReader.read(
        new ByteArrayInputStream(json.replace('\'', '"').getBytes(UTF_8)),
        end,
        PieceLimits.DEFAULT);
  }

  private static void assertRefused(String json, String why) {
    assertThatThrownBy(() -> read(json, 300))
        .isInstanceOf(MalformedTableException.class)
        .hasMessageContaining(why);
  }

  private static long[] starts(PieceTable table) {
    long[] starts = new long[table.size()];
    Arrays.setAll(starts, table::start);
    return starts;
  }
}
