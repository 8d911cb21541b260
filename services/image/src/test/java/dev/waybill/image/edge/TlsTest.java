package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.LiveCatalog.CatalogListener;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.PullLimits;
import dev.waybill.image.ingest.PullOutcome;
import dev.waybill.image.ingest.PullRequest;
import dev.waybill.image.ingest.Puller;
import dev.waybill.image.reachability.Leases;
import dev.waybill.image.store.DiskBlobStore;
import dev.waybill.image.store.DiskCatalogJournal;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import dev.waybill.testkit.tls.LoopbackCertificate;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsTest {
  private static final String CREDENTIALS = RunningRegistry.USER + ":" + RunningRegistry.TOKEN;

  @TempDir Path dir;
  private final MadeImage image =
      ImageMaker.image()
          .platform(Platform.LINUX_AMD64)
          .layer(LayerCompression.GZIP, LayerEntry.file("a", "over TLS"))
          .make();
  private LoopbackCertificate certificate;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(
        ClientProgram.isInstalled("skopeo"), "skopeo is not installed: apt-get install skopeo");
    certificate = LoopbackCertificate.make(dir.resolve("tls"));
    OciLayout.write(image, dir.resolve("in"), "v1");
  }

  @Test
  void skopeo_pushes_over_tls_to_who_has_a_trusted_certificate_only() throws Exception {
    try (RunningRegistry registry = RunningRegistry.startTls(dir.resolve("data"), certificate)) {
      assertThat(push(registry, Files.createDirectories(dir.resolve("empty"))).output())
          .contains("certificate");

      assertThat(push(registry, authority("one")).exit()).isZero();
    }
  }

  @Test
  void a_certificate_that_changed_is_served_from_the_next_connection_on() throws Exception {
    try (RunningRegistry registry = RunningRegistry.startTls(dir.resolve("data"), certificate)) {
      Path old = authority("old");
      assertThat(push(registry, old).exit()).isZero();
      certificate = LoopbackCertificate.make(dir.resolve("tls"));

      registry.reloadCertificate();

      assertThat(push(registry, old).output()).contains("certificate");
      assertThat(push(registry, authority("new")).exit()).isZero();
    }
  }

  @Test
  void an_image_is_pulled_from_a_registry_whose_authority_is_configured() throws Exception {
    try (RunningRegistry upstream = RunningRegistry.startTls(dir.resolve("up"), certificate)) {
      assertThat(push(upstream, authority("one")).exit()).isZero();
      Path certificates = dir.resolve("certs.d");
      Path host = Files.createDirectories(certificates.resolve(upstream.host()));

      PullOutcome.Failed refused = (PullOutcome.Failed) pull(upstream, certificates);
      assertThat(refused.reason()).isEqualTo(PullOutcome.Reason.UNREACHABLE);
      assertThat(refused.message()).contains("certification path");

      Files.copy(certificate.certificate(), host.resolve("ca.crt"));
      PullOutcome.Pulled pulled = (PullOutcome.Pulled) pull(upstream, certificates);
      assertThat(pulled.digest()).isEqualTo(image.digest());
    }
  }

  private PullOutcome pull(RunningRegistry upstream, Path certificates) throws Exception {
    DiskBlobStore store = DiskBlobStore.open(dir.resolve("here"));
    LiveCatalog catalog =
        LiveCatalog.open(
            DiskCatalogJournal.open(dir.resolve("here"), store),
            Catalog.EMPTY,
            CatalogListener.none());
    InstantSource clock = InstantSource.system();
    try (Puller puller =
        new Puller(
            store,
            catalog,
            new Leases(clock, Duration.ofMinutes(1)),
            new ResolutionPlanner(_ -> false),
            _ -> Optional.of(new Login(RunningRegistry.USER, RunningRegistry.TOKEN)),
            PullLimits.DEFAULT,
            _ -> {},
            clock,
            Certificates.in(certificates))) {
      return puller.pull(
          new PullRequest(
              Reference.parse(upstream.host() + "/team/app:v1"),
              PullPolicy.MISSING,
              Platform.LINUX_AMD64,
              new Actor("tester")));
    }
  }

  private Path authority(String name) throws Exception {
    Path directory = Files.createDirectories(dir.resolve("authorities").resolve(name));
    Files.copy(certificate.certificate(), directory.resolve("ca.crt"));
    return directory;
  }

  private ClientProgram.Ended push(RunningRegistry registry, Path authorities) throws Exception {
    return ClientProgram.run(
        "skopeo",
        "--insecure-policy",
        "copy",
        "--dest-cert-dir",
        authorities.toString(),
        "--dest-creds",
        CREDENTIALS,
        "oci:" + dir.resolve("in") + ":v1",
        "docker://" + registry.host() + "/team/app:v1");
  }
}
