package dev.waybill.image.pieces;

import static dev.waybill.testkit.seed.Seeds.forEachSeed;
import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.pieces.FetchPlan.Step;
import dev.waybill.image.pieces.FetchPlan.Step.Copy;
import dev.waybill.image.pieces.FetchPlan.Step.Fetch;
import dev.waybill.image.pieces.PieceTable.Piece;
import dev.waybill.kernel.Digest;
import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class FetchPlannerTest {
  private static final Digest A = Digest.of(new byte[] {1});
  private static final Digest B = Digest.of(new byte[] {2});

  @Test
  void what_is_here_is_copied_and_the_rest_is_fetched() {
    PieceTable held = table(10, 1, 20, 2, 30, 3);
    PieceTable wanted = table(20, 2, 5, 9, 10, 1);

    assertThat(plan(wanted, 0, new HeldLayer(A, held)))
        .containsExactly(new Copy(A, 10, 20), new Fetch(20, 5), new Copy(A, 0, 10));
  }

  @Test
  void pieces_that_follow_one_another_here_too_are_one_copy() {
    PieceTable held = table(10, 1, 20, 2, 30, 3);

    assertThat(plan(held, 0, new HeldLayer(A, held))).containsExactly(new Copy(A, 0, 60));
  }

  @Test
  void a_piece_of_another_length_is_another_piece() {
    assertThat(plan(table(10, 1), 0, new HeldLayer(A, table(11, 1))))
        .containsExactly(new Fetch(0, 10));
  }

  @Test
  void a_piece_of_which_nothing_is_said_equals_none() {
    assertThat(plan(table(10, 0), 0, new HeldLayer(A, table(10, 0))))
        .containsExactly(new Fetch(0, 10));
  }

  @Test
  void where_a_piece_is_in_several_layers_the_one_that_goes_on_is_taken() {
    PieceTable one = table(10, 1, 10, 7, 10, 3);
    PieceTable other = table(10, 7, 10, 5);

    assertThat(plan(table(10, 7, 10, 5, 10, 7, 10, 3), 0, of(A, one), of(B, other)))
        .containsExactly(
            new Copy(A, 10, 10), new Copy(B, 10, 10), new Copy(B, 0, 10), new Copy(A, 20, 10));
  }

  @Test
  void ranges_with_little_between_them_are_asked_for_as_one() {
    PieceTable held = table(100, 1, 10, 2, 100, 3);
    PieceTable wanted = table(100, 1, 5, 8, 10, 2, 5, 9, 100, 3);

    assertThat(plan(wanted, 9, of(A, held))).hasSize(5);
    assertThat(plan(wanted, 10, of(A, held)))
        .containsExactly(new Copy(A, 0, 100), new Fetch(100, 20), new Copy(A, 110, 100));
  }

  @Test
  void a_plan_gives_the_layer_in_few_requests_whatever_is_here() {
    forEachSeed(
        300,
        seed -> {
          SplittableRandom random = new SplittableRandom(seed);
          World world = new World(random);
          byte[] layer = world.layer();
          PieceTable wanted = world.lastTable;
          Map<Digest, byte[]> held = new TreeMap<>();
          List<HeldLayer> tables = new ArrayList<>();
          for (int i = random.nextInt(4); i > 0; i--) {
            byte[] content = world.layer();
            held.put(Digest.of(content), content);
            tables.add(new HeldLayer(Digest.of(content), world.lastTable));
          }
          PieceLimits limits = limits(1 + random.nextInt(5), random.nextInt(200));

          FetchPlan plan = FetchPlanner.plan(wanted, tables, limits);

          assertThat(plan.requests()).isLessThanOrEqualTo(limits.requestsMax());
          assertThat(followed(plan, layer, held)).isEqualTo(layer);
          assertThat(plan.fetchedBytes() + plan.copiedBytes()).isEqualTo(layer.length);
        });
  }

  private static byte[] followed(FetchPlan plan, byte[] layer, Map<Digest, byte[]> held) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    for (Step step : plan.steps()) {
      switch (step) {
        case Fetch(var offset, var length) -> {
          assertThat(offset).as("a range is fetched where it is needed").isEqualTo(out.size());
          out.write(layer, (int) offset, (int) length);
        }
        case Copy(var blob, var offset, var length) ->
            out.write(held.get(blob), (int) offset, (int) length);
      }
    }
    return out.toByteArray();
  }

  /** Layers of pieces that come up again and again; some pieces have no key. */
  private static final class World {
    private final SplittableRandom random;
    private final List<byte[]> pool = new ArrayList<>();
    private PieceTable lastTable = PieceTable.EMPTY;

    World(SplittableRandom random) {
      this.random = random;
      for (int i = 0; i < 12; i++) {
        byte[] piece = new byte[1 + random.nextInt(60)];
        random.nextBytes(piece);
        pool.add(piece);
      }
    }

    byte[] layer() {
      ByteArrayOutputStream content = new ByteArrayOutputStream();
      List<Piece> pieces = new ArrayList<>();
      int next = random.nextInt(pool.size());
      for (int i = random.nextInt(40); i > 0; i--) {
        next = random.nextInt(3) == 0 ? random.nextInt(pool.size()) : (next + 1) % pool.size();
        content.writeBytes(pool.get(next));
        boolean isKnown = random.nextInt(10) > 0;
        pieces.add(
            isKnown
                ? new Piece(content.size(), Arrays.hashCode(pool.get(next)), next + 1)
                : Piece.unknown(content.size()));
      }
      lastTable = new PieceTable(pieces);
      return content.toByteArray();
    }
  }

  private static HeldLayer of(Digest blob, PieceTable table) {
    return new HeldLayer(blob, table);
  }

  private static List<Step> plan(PieceTable wanted, long join, HeldLayer... held) {
    // 0 would join what has nothing between it, which can't be.
    return FetchPlanner.plan(wanted, List.of(held), limits(100, join)).steps();
  }

  private static PieceLimits limits(int requests, long join) {
    PieceLimits usual = PieceLimits.DEFAULT;
    return new PieceLimits(
        usual.layerBytesMin(),
        usual.tailBytesMax(),
        usual.tableBytesMax(),
        usual.entryBytesMax(),
        usual.entriesMax(),
        usual.piecesMax(),
        usual.heldLayersMax(),
        usual.heldPiecesMax(),
        requests,
        join);
  }

  /** Pieces as lengths and keys in turn. */
  private static PieceTable table(long... lengthsAndKeys) {
    List<Piece> pieces = new ArrayList<>();
    long end = 0;
    for (int i = 0; i < lengthsAndKeys.length; i += 2) {
      end += lengthsAndKeys[i];
      pieces.add(new Piece(end, 0, lengthsAndKeys[i + 1]));
    }
    return new PieceTable(pieces);
  }
}
