package dev.waybill.noderunner.imagecache;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ArrivingImages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class NearbyImageSourceTest {
  private static final byte[] HERE = bytes("here and now");
  private static final byte[] ELSEWHERE = bytes("from the registry");
  private static final Digest ARRIVES = Digest.of(HERE);
  private static final Digest STORED = Digest.of(ELSEWHERE);

  private final ImageSource source =
      new NearbyImageSource(new Arriving(Map.of(ARRIVES, HERE)), new Registry());

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private record Arriving(Map<Digest, byte[]> content) implements ArrivingImages {
    @Override
    public Optional<byte[]> manifest(String repository, Digest digest) {
      return Optional.ofNullable(content.get(digest));
    }

    @Override
    public Optional<InputStream> blob(String repository, Digest digest, long offset) {
      return manifest(repository, digest)
          .map(all -> new ByteArrayInputStream(all, (int) offset, all.length - (int) offset));
    }
  }

  /** Has everything, and says that it was asked. */
  private static final class Registry implements ImageSource {
    @Override
    public byte[] manifest(String repository, Digest digest, int bytesMax) {
      return ELSEWHERE;
    }

    @Override
    public InputStream blob(String repository, Digest digest, long offset) {
      return new ByteArrayInputStream(ELSEWHERE);
    }
  }

  private static byte[] read(InputStream in) throws IOException {
    try (in) {
      return in.readAllBytes();
    }
  }

  @Test
  void what_arrives_in_this_process_is_not_asked_for_elsewhere() throws Exception {
    assertThat(source.manifest("app", ARRIVES, 100)).isEqualTo(HERE);
    assertThat(read(source.blob("app", ARRIVES, 9))).isEqualTo(bytes("now"));
  }

  @Test
  void the_registry_is_asked_for_what_does_not_arrive_here_or_is_too_much() throws Exception {
    assertThat(source.manifest("app", STORED, 100)).isEqualTo(ELSEWHERE);
    assertThat(read(source.blob("app", STORED, 0))).isEqualTo(ELSEWHERE);
    assertThat(source.manifest("app", ARRIVES, HERE.length - 1)).isEqualTo(ELSEWHERE);
  }
}
