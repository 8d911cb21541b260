package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.image.catalog.Actor;
import dev.waybill.image.catalog.PullPolicy;
import dev.waybill.image.catalog.ResolutionPlanner;
import dev.waybill.image.ingest.PullLimits;
import dev.waybill.image.ingest.PullOutcome;
import dev.waybill.image.ingest.PullRequest;
import dev.waybill.image.ingest.PullTerms;
import dev.waybill.image.ingest.Puller;
import dev.waybill.image.reachability.Leases;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.PlatformSelection;
import dev.waybill.oci.image.Reference;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.Credentials;
import dev.waybill.testkit.image.ImageFormat;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that knows nothing of us. */
class SkopeoTest {
  private static final String CREDENTIALS = RunningRegistry.USER + ":" + RunningRegistry.TOKEN;

  @TempDir Path dir;

  @BeforeAll
  static void needsSkopeo() {
    assumeTrue(
        Stream.of("/usr/bin/skopeo", "/usr/local/bin/skopeo")
            .anyMatch(path -> Files.isExecutable(Path.of(path))),
        "skopeo is not installed: apt-get install skopeo");
  }

  @Test
  void an_image_of_several_layers_comes_back_with_the_same_digests() throws Exception {
    byte[] large = new byte[3 << 20];
    new Random(7).nextBytes(large);
    MadeImage image =
        ImageMaker.image()
            .layer(LayerCompression.GZIP, LayerEntry.file("large", large))
            .layer(LayerCompression.GZIP, LayerEntry.file("b", "small"))
            .layer(LayerCompression.ZSTD, LayerEntry.file("c", "zstd"))
            .make();

    roundTrip(image);
  }

  @Test
  void an_index_of_two_platforms_comes_back_with_the_same_digests() throws Exception {
    MadeImage index =
        ImageMaker.index(
            sample(ImageFormat.OCI, Platform.LINUX_AMD64),
            sample(ImageFormat.OCI, Platform.LINUX_ARM64));

    roundTrip(index);
  }

  @Test
  void an_image_of_dockers_schema_is_copied_between_repositories() throws Exception {
    OciLayout.write(sample(ImageFormat.OCI, Platform.LINUX_AMD64), dir.resolve("in"), "v1");
    try (RunningRegistry registry = RunningRegistry.start(dir.resolve("data"))) {
      String host = "docker://" + registry.host();
      skopeo(
          "copy",
          "-f",
          "v2s2",
          "--dest-tls-verify=false",
          "--dest-creds",
          CREDENTIALS,
          "oci:" + dir.resolve("in") + ":v1",
          host + "/team/app:docker");
      skopeo(
          "copy",
          "--src-tls-verify=false",
          "--dest-tls-verify=false",
          "--src-creds",
          CREDENTIALS,
          "--dest-creds",
          CREDENTIALS,
          host + "/team/app:docker",
          host + "/other/app:docker");

      assertThat(
              skopeo(
                  "inspect",
                  "--raw",
                  "--tls-verify=false",
                  "--creds",
                  CREDENTIALS,
                  host + "/other/app:docker"))
          .contains("application/vnd.docker.distribution.manifest.v2+json");
    }
  }

  @Test
  void tags_are_listed_and_deleted() throws Exception {
    OciLayout.write(sample(ImageFormat.OCI, Platform.LINUX_AMD64), dir.resolve("in"), "v1");
    try (RunningRegistry registry = RunningRegistry.start(dir.resolve("data"))) {
      String app = "docker://" + registry.host() + "/team/app";
      for (String tag : List.of("v2", "v1")) {
        skopeo(
            "copy",
            "--dest-tls-verify=false",
            "--dest-creds",
            CREDENTIALS,
            "oci:" + dir.resolve("in") + ":v1",
            app + ":" + tag);
      }

      assertThat(skopeo("list-tags", "--tls-verify=false", "--creds", CREDENTIALS, app))
          .containsSubsequence("v1", "v2");
      skopeo("delete", "--tls-verify=false", "--creds", CREDENTIALS, app + ":v1");
      assertThat(registry.catalog.current().repository("team/app").orElseThrow().manifests())
          .isEmpty();
    }
  }

  @Test
  void of_a_sparse_index_the_platforms_that_are_here_can_be_copied() throws Exception {
    MadeImage arm64 = sample(ImageFormat.OCI, Platform.LINUX_ARM64);
    MadeImage index =
        ImageMaker.index(
            sample(ImageFormat.OCI, Platform.LINUX_AMD64),
            arm64,
            sample(ImageFormat.OCI, Platform.parse("linux/riscv64")));
    try (LoopbackRegistry upstream = LoopbackRegistry.start();
        RunningRegistry registry = RunningRegistry.start(dir.resolve("data"))) {
      upstream.add("team/app", "v1", index);
      String mirror = mirrored(registry, upstream.host() + "/team/app:v1");
      String remote = "docker://" + registry.host() + "/" + mirror + ":v1";

      String raw = skopeo("inspect", "--raw", "--tls-verify=false", "--creds", CREDENTIALS, remote);
      assertThat(Digest.of(raw.getBytes(StandardCharsets.UTF_8))).isEqualTo(index.digest());
      copy("arm64", remote, "arm64");
      assertThat(Files.readString(dir.resolve("arm64/index.json")))
          .contains(arm64.digest().toString());
      assertThatThrownBy(() -> copy("riscv64", remote, "riscv64"))
          .hasMessageContaining("manifest unknown");
    }
  }

  private void copy(String architecture, String from, String to) throws Exception {
    skopeo(
        "--override-arch",
        architecture,
        "copy",
        "--src-tls-verify=false",
        "--src-creds",
        CREDENTIALS,
        from,
        "oci:" + dir.resolve(to) + ":v1");
  }

  /** The repository that has what was asked for. */
  private static String mirrored(RunningRegistry registry, String name) throws Exception {
    InstantSource clock = InstantSource.system();
    try (Puller puller =
        new Puller(
            registry.store,
            registry.catalog,
            new Leases(clock, Duration.ofMinutes(1)),
            new ResolutionPlanner(_ -> false),
            Credentials.none(),
            PullLimits.DEFAULT,
            Thread::sleep,
            clock,
            Certificates.ofSystem())) {
      PullTerms terms =
          new PullTerms(
              PullTerms.Purpose.MIRROR,
              PlatformSelection.parse(List.of("linux/amd64", "linux/arm64")),
              Optional.empty());
      PullRequest request =
          new PullRequest(
              Reference.parse(name),
              PullPolicy.ALWAYS,
              Platform.LINUX_AMD64,
              PullRequest.Proofs.WITH,
              new Actor("tester"),
              "",
              terms);
      return ((PullOutcome.Pulled) puller.pull(request)).repository();
    }
  }

  private void roundTrip(MadeImage image) throws Exception {
    OciLayout.write(image, dir.resolve("in"), "v1");
    try (RunningRegistry registry = RunningRegistry.start(dir.resolve("data"))) {
      String remote = "docker://" + registry.host() + "/team/app:v1";
      skopeo(
          "copy",
          "--all",
          "--dest-tls-verify=false",
          "--dest-creds",
          CREDENTIALS,
          "oci:" + dir.resolve("in") + ":v1",
          remote);
      skopeo(
          "copy",
          "--all",
          "--src-tls-verify=false",
          "--src-creds",
          CREDENTIALS,
          remote,
          "oci:" + dir.resolve("out") + ":v1");
    }
    assertThat(blobs(dir.resolve("out"))).isEqualTo(blobs(dir.resolve("in")));
    assertThat(Files.readString(dir.resolve("out/index.json"))).contains(image.digest().toString());
  }

  private static List<String> blobs(Path layout) throws IOException {
    try (Stream<Path> files = Files.list(layout.resolve("blobs/sha256"))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private static MadeImage sample(ImageFormat format, Platform platform) {
    return ImageMaker.image()
        .format(format)
        .platform(platform)
        .layer(LayerCompression.GZIP, LayerEntry.file("etc/arch", platform.toString()))
        .make();
  }

  private static String skopeo(String... arguments) throws Exception {
    List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(process.waitFor(60, TimeUnit.SECONDS)).as("skopeo ends").isTrue();
    assertThat(process.exitValue()).as(String.join(" ", command) + "\n" + output).isZero();
    return output;
  }
}
