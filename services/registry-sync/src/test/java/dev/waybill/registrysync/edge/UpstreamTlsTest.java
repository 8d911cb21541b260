package dev.waybill.registrysync.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.Bandwidth;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.ConnectionLimits;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.policy.Policy;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.registry.LoopbackRegistry;
import dev.waybill.testkit.tls.LoopbackCertificate;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An upstream over TLS whose authority the system does not know. */
class UpstreamTlsTest {
  @TempDir Path dir;

  @Test
  void an_upstream_is_looked_at_once_its_authority_is_in_the_directory() throws Exception {
    LoopbackCertificate certificate = LoopbackCertificate.make(dir.resolve("tls"));
    Path authorities = dir.resolve("certs.d");
    try (LoopbackRegistry registry = LoopbackRegistry.startTls(certificate);
        Transport transport =
            new Transport(
                ConnectionLimits.DEFAULT,
                _ -> {},
                InstantSource.system(),
                Certificates.in(authorities),
                Bandwidth.unlimited())) {
      registry.add(
          "team/app",
          "v1",
          ImageMaker.image().layer(LayerCompression.GZIP, LayerEntry.file("a", "x")).make());
      OwnRegistry away =
          new OwnRegistry(() -> URI.create("http://127.0.0.1:1"), new Login("admin", "token"));
      Upstream upstream = new Upstream(transport, Credentials.none(), away);
      Policy policy =
          new Policy(
              SyncPolicySet.newBuilder()
                  .setName("app")
                  .setUpstream(registry.host() + "/team/app")
                  .setTags("*")
                  .build());
      Path host = Files.createDirectories(authorities.resolve(registry.host()));

      assertThatThrownBy(() -> upstream.look(policy, (_, _) -> true))
          .hasMessageContaining("certification path");

      Files.copy(certificate.certificate(), host.resolve("ca.crt"));
      assertThat(upstream.look(policy, (_, _) -> true).found())
          .containsKey(registry.host() + "/team/app:v1");
    }
  }
}
