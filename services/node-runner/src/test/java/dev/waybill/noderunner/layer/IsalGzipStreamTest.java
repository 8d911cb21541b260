package dev.waybill.noderunner.layer;

import static dev.waybill.testkit.seed.Seeds.forEachSeed;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Arrays;
import java.util.SplittableRandom;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.GZIPInputStream;
import java.util.zip.ZipException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** ISA-L beside the JDK's zlib, which says what is right. */
class IsalGzipStreamTest {
  private static final int[] LEVELS = {0, 1, 6, 9};
  private static final int[] STRATEGIES = {
    Deflater.DEFAULT_STRATEGY, Deflater.HUFFMAN_ONLY, Deflater.FILTERED
  };

  @BeforeEach
  void needsIsal() {
    assumeTrue(IsalLibrary.found().isPresent(), "needs libisal2");
  }

  /** What came out, and with what it ended: nothing, the stream's fault, or its sudden end. */
  private record Read(byte[] bytes, Class<?> end) {
    static Read of(InputStream in) {
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[1000];
      try (in) {
        for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
          out.write(buffer, 0, count);
        }
        return new Read(out.toByteArray(), Void.class);
      } catch (ZipException | EOFException e) {
        return new Read(out.toByteArray(), e.getClass());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    static Read byJdk(byte[] packed) {
      try {
        return of(new GZIPInputStream(new ByteArrayInputStream(packed), packed.length + 1));
      } catch (ZipException | EOFException e) {
        return new Read(new byte[0], e.getClass());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }

    boolean isWhole() {
      return end == Void.class;
    }
  }

  private static InputStream isal(InputStream packed) {
    return new IsalGzipStream(packed, IsalLibrary.found().orElseThrow());
  }

  private static Read byIsal(byte[] packed, SplittableRandom random) {
    return Read.of(isal(new Pieces(packed, random)));
  }

  @Test
  void what_was_packed_comes_out_whatever_the_pieces() {
    forEachSeed(
        200,
        seed -> {
          var random = new SplittableRandom(seed);
          byte[] content = content(random, random.nextInt(600_000));
          var packed = new ByteArrayOutputStream();
          int cut = random.nextInt(content.length + 1);
          packed.writeBytes(member(random, Arrays.copyOf(content, cut)));
          packed.writeBytes(member(random, Arrays.copyOfRange(content, cut, content.length)));

          Read read = byIsal(packed.toByteArray(), random);
          assertThat(read.isWhole()).isTrue();
          assertThat(Arrays.equals(read.bytes(), content)).isTrue();
        });
  }

  @Test
  void a_spoilt_stream_ends_as_with_the_jdk() {
    forEachSeed(
        4000,
        seed -> {
          var random = new SplittableRandom(seed);
          byte[] packed = member(random, content(random, random.nextInt(1, 20_000)));
          if (random.nextBoolean()) {
            packed = joined(packed, member(random, content(random, random.nextInt(200))));
          }
          byte[] spoilt = spoilt(random, packed);

          Read jdk = Read.byJdk(spoilt);
          Read isal = byIsal(spoilt, random);
          assertThat(isal.isWhole()).isEqualTo(jdk.isWhole());
          if (jdk.isWhole()) {
            assertThat(Arrays.equals(isal.bytes(), jdk.bytes())).isTrue();
          }
          int both = Math.min(isal.bytes().length, jdk.bytes().length);
          assertThat(Arrays.equals(isal.bytes(), 0, both, jdk.bytes(), 0, both)).isTrue();
        });
  }

  @Test
  void noise_behind_a_header_is_refused_or_ends_as_with_the_jdk() {
    byte[] header = {0x1f, (byte) 0x8b, 8, 0, 0, 0, 0, 0, 0, 3};
    forEachSeed(
        4000,
        seed -> {
          var random = new SplittableRandom(seed);
          byte[] noise = new byte[random.nextInt(2000)];
          random.nextBytes(noise);
          byte[] spoilt = joined(header, noise);

          assertThat(byIsal(spoilt, random).isWhole()).isEqualTo(Read.byJdk(spoilt).isWhole());
        });
  }

  @Test
  void a_stream_that_is_cut_off_anywhere_ends_with_its_sudden_end() throws IOException {
    var random = new SplittableRandom(7);
    byte[] packed = member(random, content(random, 500));
    for (int length = 1; length < packed.length; length++) {
      InputStream in = isal(new ByteArrayInputStream(packed, 0, length));
      assertThatThrownBy(in::readAllBytes).isInstanceOf(EOFException.class);
      in.close();
    }
  }

  @Test
  void what_follows_the_last_member_is_left_out() {
    var random = new SplittableRandom(8);
    byte[] content = content(random, 5000);
    for (int length : new int[] {1, 10, 18, 19, 27, 500}) {
      byte[] padded = joined(member(random, content), new byte[length]);
      assertThat(byIsal(padded, random).bytes()).isEqualTo(content);
      assertThat(Read.byJdk(padded).bytes()).isEqualTo(content);
    }
  }

  @Test
  void a_source_that_fails_is_no_end_of_the_stream() throws IOException {
    var random = new SplittableRandom(9);
    byte[] packed = joined(member(random, content(random, 3000)), new byte[] {0x1f});
    InputStream breaking =
        new ByteArrayInputStream(packed) {
          @Override
          public synchronized int read(byte[] target, int offset, int length) {
            int count = super.read(target, offset, length);
            if (count < 0) {
              throw new IllegalStateException("away");
            }
            return count;
          }
        };
    try (InputStream in = isal(breaking)) {
      assertThatThrownBy(in::readAllBytes).hasMessage("away");
    }
  }

  @Test
  void a_closed_stream_is_not_read() throws IOException {
    InputStream in = isal(new ByteArrayInputStream(member(new SplittableRandom(1), new byte[10])));
    in.close();
    in.close();
    assertThatThrownBy(in::read).isInstanceOf(IOException.class);
  }

  /** A member with any of the optional fields of a header. */
  private static byte[] member(SplittableRandom random, byte[] content) {
    var out = new ByteArrayOutputStream();
    int flags = random.nextInt(32);
    out.writeBytes(new byte[] {0x1f, (byte) 0x8b, 8, (byte) flags, 1, 2, 3, 4, 2, 3});
    if ((flags & 4) != 0) {
      int length = random.nextInt(400);
      out.write(length);
      out.write(length >> 8);
      out.writeBytes(new byte[length]);
    }
    if ((flags & 8) != 0) {
      out.writeBytes("name.tar\0".getBytes(UTF_8));
    }
    if ((flags & 16) != 0) {
      out.writeBytes("a comment\0".getBytes(UTF_8));
    }
    var sum = new CRC32();
    if ((flags & 2) != 0) {
      sum.update(out.toByteArray());
      writeLittle(out, sum.getValue(), 2);
    }
    out.writeBytes(deflated(random, content));
    sum.reset();
    sum.update(content);
    writeLittle(out, sum.getValue(), 4);
    writeLittle(out, content.length, 4);
    return out.toByteArray();
  }

  private static void writeLittle(ByteArrayOutputStream out, long value, int bytes) {
    for (int i = 0; i < bytes; i++) {
      out.write((int) (value >> 8 * i));
    }
  }

  private static byte[] deflated(SplittableRandom random, byte[] content) {
    try (var deflater = new Deflater(LEVELS[random.nextInt(LEVELS.length)], true)) {
      deflater.setStrategy(STRATEGIES[random.nextInt(STRATEGIES.length)]);
      deflater.setInput(content);
      deflater.finish();
      var out = new ByteArrayOutputStream();
      byte[] buffer = new byte[random.nextInt(64, 5000)];
      int flush = random.nextBoolean() ? Deflater.NO_FLUSH : Deflater.SYNC_FLUSH;
      while (!deflater.finished()) {
        out.write(buffer, 0, deflater.deflate(buffer, 0, buffer.length, flush));
      }
      return out.toByteArray();
    }
  }

  /** Repeats itself over short and long distances, with noise in between. */
  private static byte[] content(SplittableRandom random, int length) {
    byte[] content = new byte[length];
    for (int at = 0; at < length; ) {
      int count = Math.min(random.nextInt(1, 600), length - at);
      if (at > 0 && random.nextInt(4) > 0) {
        int from = at - random.nextInt(1, Math.min(at, 32768) + 1);
        for (int i = 0; i < count; i++) {
          content[at + i] = content[from + i];
        }
      } else {
        for (int i = 0; i < count; i++) {
          content[at + i] = (byte) random.nextInt(random.nextBoolean() ? 256 : 4);
        }
      }
      at += count;
    }
    return content;
  }

  private static byte[] spoilt(SplittableRandom random, byte[] packed) {
    byte[] spoilt = packed.clone();
    switch (random.nextInt(5)) {
      case 0 -> spoilt = Arrays.copyOf(spoilt, random.nextInt(spoilt.length));
      case 1 -> {
        int at = random.nextInt(spoilt.length);
        spoilt[at] ^= (byte) (1 << random.nextInt(8));
      }
      case 2 -> {
        for (int i = 0; i < 8; i++) {
          spoilt[random.nextInt(spoilt.length)] = (byte) random.nextInt();
        }
      }
      case 3 -> {
        // Near the front, where headers of blocks and their code lengths are.
        spoilt[random.nextInt(Math.min(spoilt.length, 90))] = (byte) random.nextInt();
      }
      default -> {
        byte[] more = new byte[random.nextInt(60)];
        random.nextBytes(more);
        spoilt = joined(spoilt, more);
      }
    }
    return spoilt;
  }

  private static byte[] joined(byte[] first, byte[] second) {
    byte[] both = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, both, first.length, second.length);
    return both;
  }

  /** Gives what it has in pieces of any length. */
  private static final class Pieces extends ByteArrayInputStream {
    private final SplittableRandom random;

    Pieces(byte[] bytes, SplittableRandom random) {
      super(bytes);
      this.random = random;
    }

    @Override
    public synchronized int read(byte[] target, int offset, int length) {
      int most = random.nextInt(8) == 0 ? random.nextInt(1, 12) : random.nextInt(1, 70_000);
      return super.read(target, offset, Math.min(length, most));
    }
  }
}
