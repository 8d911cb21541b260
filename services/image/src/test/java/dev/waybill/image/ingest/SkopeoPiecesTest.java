package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Layers that another program has made, as it makes them. */
class SkopeoPiecesTest {
  @TempDir Path dir;

  @Test
  void a_second_version_that_skopeo_packed_is_mostly_taken_from_the_first() throws Exception {
    assumeTrue(
        Files.isExecutable(Path.of("/usr/bin/skopeo")),
        "skopeo is not installed: apt-get install skopeo");
    try (LoopbackRegistry upstream = LoopbackRegistry.start();
        PullSite site = PullSite.open(dir.resolve("data"))) {
      push(upstream, "v1", image("one"));
      push(upstream, "v2", image("two"));
      site.pull(upstream.host() + "/team/app:v1");
      long before = upstream.blobBytesSent();

      Pulled pulled = (Pulled) site.pull(upstream.host() + "/team/app:v2");

      long sent = upstream.blobBytesSent() - before;
      assertThat(sent).isEqualTo(pulled.bytesFetched()).isLessThan(pulled.bytes() / 10);
      assertThat(pulled.bytesReused()).isGreaterThan(pulled.bytes() * 9 / 10);
    }
  }

  private void push(LoopbackRegistry upstream, String tag, MadeImage image) throws Exception {
    OciLayout.write(image, dir.resolve(tag), tag);
    List<String> command =
        List.of(
            "skopeo",
            "--insecure-policy",
            "copy",
            "--dest-tls-verify=false",
            "--dest-compress-format",
            "zstd:chunked",
            "oci:" + dir.resolve(tag) + ":" + tag,
            "docker://" + upstream.host() + "/team/app:" + tag);
    Process skopeo = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(skopeo.waitFor(60, TimeUnit.SECONDS)).as("skopeo ends").isTrue();
    assertThat(skopeo.exitValue()).as(said).isZero();
  }

  private static MadeImage image(String version) {
    List<LayerEntry> files = new ArrayList<>();
    for (int i = 0; i < 300; i++) {
      byte[] content = new byte[1000 + 37 * i];
      new Random(i).nextBytes(content);
      files.add(LayerEntry.file("d%02d/f%d".formatted(i / 20, i), content));
    }
    byte[] large = new byte[700_000];
    new Random(7).nextBytes(large);
    files.add(LayerEntry.file("large", large));
    files.add(LayerEntry.file("m/version", version.repeat(3000)));
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.NONE, files)
        .make();
  }
}
