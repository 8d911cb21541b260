package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.image.edge.ImageServiceConfig.Storage;
import dev.waybill.image.store.s3.S3Settings;
import dev.waybill.image.store.s3.S3Settings.Addressing;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ImageServiceConfigTest {
  private static final Map<String, String> REQUIRED =
      Map.of(
          "waybill.image.data-directory", "data",
          "waybill.image.token-file", "token");

  @Test
  void the_defaults_are_those_of_the_documentation() {
    ImageServiceConfig config = config(Map.of());

    assertThat(config.enabled()).isTrue();
    assertThat(config.user()).isEqualTo("admin");
    assertThat(config.hosts()).isEmpty();
    assertThat(config.platform()).isEmpty();
    assertThat(config.credentialsFile()).isEmpty();
    assertThat(config.pullsMax()).isEqualTo(16);
    assertThat(config.layerFetchesMax()).isEqualTo(6);
    assertThat(config.blobBytesMax()).isEqualTo(64L << 30);
    assertThat(config.uploadsMax()).isEqualTo(1000);
    assertThat(config.uploadIdle()).isEqualTo(Duration.ofMinutes(30));
    assertThat(config.lease()).isEqualTo(Duration.ofMinutes(10));
    assertThat(config.certificatesDirectory()).isEmpty();
    assertThat(config.tlsPort()).isEmpty();
    assertThat(config.tlsHost()).isEqualTo("0.0.0.0");
    assertThat(config.tlsCertificateFile()).isEmpty();
    assertThat(config.tlsKeyFile()).isEmpty();
    assertThat(config.quotaBytes()).isEmpty();
    assertThat(config.quotaBytesTotal()).isEmpty();
    assertThat(config.manifestsMax()).isEqualTo(100_000);
    assertThat(config.tagsMax()).isEqualTo(100_000);
    assertThat(config.scrubPeriod()).isEqualTo(Duration.ofDays(7));
    assertThat(config.scrubBytesPerSecond()).isEqualTo(16L << 20);
    assertThat(config.quarantineAge()).isEqualTo(Duration.ofDays(30));
    assertThat(config.quarantineBytesMax()).isEqualTo(10L << 30);
    assertThat(config.requestsPerSecond()).isEmpty();
    assertThat(config.storage()).isEqualTo(Storage.DISK);
    assertThat(config.s3().bucket()).isEmpty();
    assertThat(config.s3().prefix()).isEmpty();
    assertThat(config.s3().endpoint()).isEmpty();
    assertThat(config.s3().region()).isEmpty();
    assertThat(config.s3().pathStyle()).isFalse();
    assertThat(config.s3().credentialsFile()).isEmpty();
  }

  @Test
  void the_limits_of_quarantine_and_requests_are_read() {
    ImageServiceConfig config =
        config(
            Map.of(
                "waybill.image.quarantine-age", "5h",
                "waybill.image.quarantine-bytes-max", "6",
                "waybill.image.requests-per-second", "7"));

    assertThat(config.quarantineAge()).hasHours(5);
    assertThat(config.quarantineBytesMax()).isEqualTo(6);
    assertThat(config.requestsPerSecond()).hasValue(7);
  }

  @Test
  void every_setting_of_s3_is_read() {
    ImageServiceConfig config =
        config(
            Map.of(
                "waybill.image.storage", "s3",
                "waybill.image.s3.bucket", "images",
                "waybill.image.s3.prefix", "team",
                "waybill.image.s3.endpoint", "http://127.0.0.1:9000",
                "waybill.image.s3.region", "eu-central-1",
                "waybill.image.s3.path-style", "true",
                "waybill.image.s3.credentials-file", "credentials"));

    assertThat(config.storage()).isEqualTo(Storage.S3);
    assertThat(BlobStorage.settings(config.s3()))
        .isEqualTo(
            new S3Settings(
                "images",
                "team/",
                Optional.of(URI.create("http://127.0.0.1:9000")),
                Optional.of("eu-central-1"),
                Addressing.PATH,
                Optional.of(Path.of("credentials"))));
  }

  @Test
  void settings_of_s3_that_cannot_be_are_refused_by_their_name() {
    assertRefused(Map.of(), "waybill.image.storage=s3 needs waybill.image.s3.bucket");
    assertRefused(
        Map.of("waybill.image.s3.bucket", "a/b"),
        "waybill.image.s3.bucket is 'a/b', set it to the name of a bucket");
    assertRefused(
        Map.of("waybill.image.s3.bucket", "a", "waybill.image.s3.prefix", "/x"),
        "waybill.image.s3.prefix is '/x', leave out the first slash");
    assertRefused(
        Map.of("waybill.image.s3.bucket", "a", "waybill.image.s3.endpoint", "minio:9000"),
        "waybill.image.s3.endpoint is 'minio:9000', set it to http[s]://HOST[:PORT]");
    assertRefused(
        Map.of("waybill.image.s3.bucket", "a", "waybill.image.s3.endpoint", "http://me:pw@host"),
        "waybill.image.s3.endpoint has a password in it, use waybill.image.s3.credentials-file");
  }

  private static void assertRefused(Map<String, String> settings, String why) {
    assertThatThrownBy(() -> BlobStorage.settings(config(settings).s3()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage(why);
  }

  @Test
  void every_setting_is_read() {
    ImageServiceConfig config =
        config(
            Map.of(
                "waybill.image.enabled", "false",
                "waybill.image.user", "someone",
                "waybill.image.hosts", "a.example,b.example:5000",
                "waybill.image.platform", "linux/arm64",
                "waybill.image.credentials-file", "auths.json",
                "waybill.image.pulls-max", "2",
                "waybill.image.layer-fetches-max", "3",
                "waybill.image.blob-bytes-max", "4",
                "waybill.image.uploads-max", "5",
                "waybill.image.upload-idle", "6s"));

    assertThat(config.enabled()).isFalse();
    assertThat(config.dataDirectory()).isEqualTo(Path.of("data"));
    assertThat(config.tokenFile()).isEqualTo(Path.of("token"));
    assertThat(config.user()).isEqualTo("someone");
    assertThat(config.hosts()).contains(List.of("a.example", "b.example:5000"));
    assertThat(config.platform()).contains("linux/arm64");
    assertThat(config.credentialsFile()).contains(Path.of("auths.json"));
    assertThat(config.pullsMax()).isEqualTo(2);
    assertThat(config.layerFetchesMax()).isEqualTo(3);
    assertThat(config.blobBytesMax()).isEqualTo(4);
    assertThat(config.uploadsMax()).isEqualTo(5);
    assertThat(config.uploadIdle()).isEqualTo(Duration.ofSeconds(6));
    assertThat(config(Map.of("waybill.image.lease", "7s")).lease()).hasSeconds(7);
    ImageServiceConfig tls =
        config(
            Map.of(
                "waybill.image.certificates-directory", "certs.d",
                "waybill.image.tls-port", "5443",
                "waybill.image.tls-host", "127.0.0.1",
                "waybill.image.tls-certificate-file", "tls.crt",
                "waybill.image.tls-key-file", "tls.key"));
    assertThat(tls.certificatesDirectory()).contains(Path.of("certs.d"));
    assertThat(tls.tlsPort()).hasValue(5443);
    assertThat(tls.tlsHost()).isEqualTo("127.0.0.1");
    assertThat(tls.tlsCertificateFile()).contains(Path.of("tls.crt"));
    assertThat(tls.tlsKeyFile()).contains(Path.of("tls.key"));
    ImageServiceConfig quotas =
        config(
            Map.of(
                "waybill.image.quota-bytes.\"team/app\"", "10",
                "waybill.image.quota-bytes-total", "11",
                "waybill.image.manifests-max", "12",
                "waybill.image.tags-max", "13"));
    assertThat(quotas.quotaBytes()).isEqualTo(Map.of("team/app", 10L));
    assertThat(quotas.quotaBytesTotal()).hasValue(11);
    assertThat(quotas.manifestsMax()).isEqualTo(12);
    assertThat(quotas.tagsMax()).isEqualTo(13);
    assertThat(config(Map.of("waybill.image.scrub-period", "8h")).scrubPeriod()).hasHours(8);
    assertThat(config(Map.of("waybill.image.scrub-bytes-per-second", "9")).scrubBytesPerSecond())
        .isEqualTo(9);
    assertThat(
            config(Map.of("waybill.image.upstream-bytes-per-second", "8")).upstreamBytesPerSecond())
        .hasValue(8);
    assertThat(config(Map.of("waybill.image.logins-file", "logins")).loginsFile())
        .contains(Path.of("logins"));
    assertThat(config(Map.of("waybill.image.logins-key-file", "key")).loginsKeyFile())
        .contains(Path.of("key"));
  }

  static ImageServiceConfig config(Map<String, String> settings) {
    return new SmallRyeConfigBuilder()
        .addDiscoveredConverters()
        .withMapping(ImageServiceConfig.class)
        .withDefaultValues(REQUIRED)
        .withDefaultValues(settings)
        .withConverter(
            Duration.class, 100, text -> Duration.parse("PT" + text.toUpperCase(Locale.ROOT)))
        .build()
        .getConfigMapping(ImageServiceConfig.class);
  }
}
