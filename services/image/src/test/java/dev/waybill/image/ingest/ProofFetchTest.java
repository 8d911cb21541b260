package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.ingest.PullOutcome.Failed;
import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImageSigner;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Signatures and bills of materials that come along with an image. */
class ProofFetchTest {
  private static final String REPOSITORY = "demo/web";

  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private final ImageSigner signer = ImageSigner.create();
  private PullSite site;
  private MadeImage image;

  @BeforeEach
  void open() throws Exception {
    site = PullSite.open(data);
    image =
        ImageMaker.image()
            .platform(Platform.LINUX_AMD64)
            .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", "hello"))
            .make();
    upstream.add(REPOSITORY, "v1", image);
  }

  @AfterEach
  void close() {
    site.close();
    upstream.close();
  }

  @Test
  void what_speaks_of_an_image_is_here_with_it_under_tags_and_as_a_referrer() throws Exception {
    String tag = ImageSigner.tag(image.digest(), "sig");
    MadeImage signature = signer.signature(REPOSITORY, image.digest());
    upstream.add(REPOSITORY, tag, signature);
    MadeImage sbom =
        ImageSigner.referrer(
            image.root(),
            "application/spdx+json",
            "application/spdx+json",
            "{}".getBytes(StandardCharsets.UTF_8));
    // A registry from before OCI 1.1 has the list under a tag.
    upstream.add(REPOSITORY, "sha256-" + image.digest().hex(), ImageMaker.index(sbom));

    Pulled pulled = (Pulled) site.pullWithProofs(name());

    assertThat(manifest(pulled, new ManifestKey.ByTag(tag))).isEqualTo(signature.digest());
    assertThat(
            site.catalog
                .current()
                .repository(pulled.repository())
                .orElseThrow()
                .referrers(image.digest()))
        .extracting("digest")
        .isEqualTo(List.of(sbom.digest()));
    for (Digest blob : signature.blobs().keySet()) {
      assertThat(site.store.find(blob)).isPresent();
    }
  }

  @Test
  void a_signature_that_can_t_be_had_whole_keeps_the_tag_from_moving() throws Exception {
    MadeImage signature = signer.signature(REPOSITORY, image.digest());
    var broken = new MadeImage(signature.root(), signature.documents(), new TreeMap<>(), List.of());
    upstream.add(REPOSITORY, ImageSigner.tag(image.digest(), "sig"), broken);

    assertThat(site.pullWithProofs(name())).isInstanceOf(Failed.class);

    assertThat(site.catalog.current().repositories()).isEmpty();
  }

  @Test
  void an_image_that_nobody_asked_proofs_of_comes_alone() throws Exception {
    upstream.add(
        REPOSITORY,
        ImageSigner.tag(image.digest(), "sig"),
        signer.signature(REPOSITORY, image.digest()));

    assertThat(site.pull(name())).isInstanceOf(Pulled.class);

    assertThat(upstream.requestsWith(".sig")).isZero();
  }

  private Digest manifest(Pulled pulled, ManifestKey key) {
    return site.catalog.current().manifest(pulled.repository(), key).orElseThrow().digest();
  }

  private String name() {
    return upstream.host() + "/" + REPOSITORY + ":v1";
  }
}
