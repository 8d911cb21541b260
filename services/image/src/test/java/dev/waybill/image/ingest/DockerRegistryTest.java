package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageFormat;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry that knows nothing of us. */
class DockerRegistryTest {
  private static final Path PROGRAM = Path.of("/usr/bin/docker-registry");
  private static final Duration STARTS_WITHIN = Duration.ofSeconds(20);

  @TempDir Path dir;
  private String host;
  private Process registry;

  @BeforeEach
  void start() throws Exception {
    assumeTrue(
        Files.isExecutable(PROGRAM),
        "docker-registry is not installed: apt-get install docker-registry");
    host = "127.0.0.1:" + freePort();
    Path config = dir.resolve("config.yml");
    Files.writeString(
        config,
        """
        version: 0.1
        storage: {filesystem: {rootdirectory: %s}}
        http: {addr: "%s"}
        log: {level: error}
        """
            .formatted(dir.resolve("registry"), host));
    registry =
        new ProcessBuilder(PROGRAM.toString(), "serve", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(dir.resolve("log").toFile())
            .start();
    awaitListening();
  }

  @AfterEach
  void stop() throws Exception {
    if (registry != null) {
      registry.destroyForcibly().waitFor();
    }
  }

  @Test
  void images_of_both_formats_are_pulled_from_the_registry_that_docker_made() throws Exception {
    MadeImage oci = sample(ImageFormat.OCI);
    MadeImage docker = sample(ImageFormat.DOCKER);
    try (ImagePush push = ImagePush.to(URI.create("http://" + host + "/"))) {
      push.push(oci, "team/app", "oci");
      push.push(docker, "team/app", "docker");
    }
    try (PullSite site = PullSite.open(dir.resolve("data"))) {
      assertPulled(oci, site.pull(host + "/team/app:oci"));
      assertPulled(docker, site.pull(host + "/team/app:docker"));
    }
  }

  private static void assertPulled(MadeImage image, PullOutcome outcome) {
    assertThat(outcome)
        .isInstanceOfSatisfying(
            Pulled.class, pulled -> assertThat(pulled.digest()).isEqualTo(image.digest()));
  }

  private static MadeImage sample(ImageFormat format) {
    return ImageMaker.image()
        .format(format)
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.GZIP, LayerEntry.file("a", format.name()))
        .make();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  private void awaitListening() throws Exception {
    Instant end = Instant.now().plus(STARTS_WITHIN);
    while (!isListening()) {
      assertThat(registry.isAlive()).as(Files.readString(dir.resolve("log"))).isTrue();
      assertThat(Instant.now()).as("the registry starts in time").isBefore(end);
      Thread.sleep(20); // Its only sign of life is its port.
    }
  }

  private boolean isListening() {
    URI address = URI.create("http://" + host);
    try (Socket socket = new Socket(address.getHost(), address.getPort())) {
      return socket.isConnected();
    } catch (IOException notYet) {
      return false;
    }
  }
}
