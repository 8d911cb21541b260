package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs that other people use, unchanged. Each is left out where it isn't installed. */
class RealClientsTest {
  private static final String CREDENTIALS = RunningRegistry.USER + ":" + RunningRegistry.TOKEN;
  private static final byte[] EMPTY = "{}".getBytes(StandardCharsets.UTF_8);

  @TempDir Path dir;
  private final MadeImage image =
      ImageMaker.image()
          .platform(Platform.linux(System.getProperty("os.arch")))
          .layer(LayerCompression.GZIP, LayerEntry.file("etc/motd", "hello"))
          .layer(LayerCompression.GZIP, LayerEntry.file("etc/other", "world"))
          .make();
  private RunningRegistry registry;

  @BeforeEach
  void start() throws Exception {
    registry = RunningRegistry.start(dir.resolve("data"));
    try (ImagePush push =
        ImagePush.to(registry.uri(), RunningRegistry.USER, RunningRegistry.TOKEN)) {
      push.push(image, "team/app", "v1");
    }
  }

  @AfterEach
  void stop() {
    registry.close();
  }

  @Test
  void podman_pulls_and_pushes() throws Exception {
    needsRootAnd("podman");
    String name = registry.host() + "/team/app:v1";
    stored("podman", "pull", "--tls-verify=false", "--creds", CREDENTIALS, name);

    stored(
        "podman",
        "push",
        "--tls-verify=false",
        "--creds",
        CREDENTIALS,
        name,
        registry.host() + "/team/app:podman");

    assertThat(layers("podman")).isEqualTo(2);
    String refused =
        ClientProgram.run(
                command("podman", "pull", "--tls-verify=false", "--creds", "admin:wrong", name))
            .output();
    assertThat(refused).contains("unauthorized");
  }

  @Test
  void buildah_makes_an_image_of_ours_and_pushes_it() throws Exception {
    needsRootAnd("buildah");
    Path extra = Files.writeString(dir.resolve("extra"), "added by buildah");
    String base = registry.host() + "/team/app:v1";
    String container =
        stored("buildah", "from", "--tls-verify=false", "--creds", CREDENTIALS, base)
            .lines()
            .reduce((_, last) -> last)
            .orElseThrow();
    stored("buildah", "copy", container, extra.toString(), "/extra");
    stored("buildah", "commit", container, "made");

    stored(
        "buildah",
        "push",
        "--tls-verify=false",
        "--creds",
        CREDENTIALS,
        "made",
        "docker://" + registry.host() + "/team/app:buildah");

    assertThat(layers("buildah")).isEqualTo(3);
  }

  @Test
  void ctr_pulls_and_pushes() throws Exception {
    needsRootAnd("ctr");
    needsRootAnd("containerd");
    try (RunningContainerd containerd = RunningContainerd.start(dir.resolve("containerd"))) {
      String name = registry.host() + "/team/app:v1";
      String copy = registry.host() + "/team/app:ctr";
      containerd
          .ctr(
              "images",
              "pull",
              "--snapshotter",
              "native",
              "--plain-http",
              "--user",
              CREDENTIALS,
              name)
          .good();
      containerd.ctr("images", "tag", name, copy).good();

      containerd.ctr("images", "push", "--plain-http", "--user", CREDENTIALS, copy).good();

      assertThat(layers("ctr")).isEqualTo(2);
    }
  }

  @Test
  void docker_logs_in_and_pulls_and_pushes() throws Exception {
    needsRootAnd("docker");
    needsRootAnd("dockerd");
    try (RunningDockerd engine = RunningDockerd.start(dir.resolve("docker"))) {
      String name = registry.host() + "/team/app:v1";
      String copy = registry.host() + "/team/app:docker";
      assertThat(engine.docker("pull", name).exit()).isNotZero();
      engine
          .docker("login", "-u", RunningRegistry.USER, "-p", RunningRegistry.TOKEN, registry.host())
          .good();
      engine.docker("pull", name).good();
      engine.docker("tag", name, copy).good();

      engine.docker("push", copy).good();

      assertThat(layers("docker")).isEqualTo(2);
    }
  }

  @Test
  void an_artifact_goes_and_comes_by_its_media_type_with_a_token() throws Exception {
    byte[] content = "a bill of materials".getBytes(StandardCharsets.UTF_8);
    Descriptor config = Descriptor.of("application/vnd.oci.empty.v1+json", EMPTY);
    Descriptor file = Descriptor.of("application/spdx+json", content);
    Descriptor subject =
        Descriptor.of(
            MediaTypes.OCI_MANIFEST, image.digest(), image.documents().getFirst().content().length);
    byte[] manifest =
        ImageWriter.write(
            new Manifest(
                MediaTypes.OCI_MANIFEST,
                "application/vnd.example.sbom",
                config,
                List.of(file),
                subject,
                new TreeMap<>()));
    String token = token("repository:team/app:pull,push");
    for (byte[] blob : List.of(EMPTY, content)) {
      String upload = "/v2/team/app/blobs/uploads/?digest=" + Digest.of(blob);
      assertThat(send("POST", upload, token, blob, "application/octet-stream").statusCode())
          .isEqualTo(201);
    }

    HttpResponse<byte[]> put =
        send(
            "PUT",
            "/v2/team/app/manifests/" + Digest.of(manifest),
            token,
            manifest,
            MediaTypes.OCI_MANIFEST);

    assertThat(put.statusCode()).isEqualTo(201);
    assertThat(put.headers().firstValue("OCI-Subject")).contains(image.digest().toString());
    String about =
        "/v2/team/app/referrers/" + image.digest() + "?artifactType=application/vnd.example.sbom";
    assertThat(new String(get(about, token), StandardCharsets.UTF_8))
        .contains(Digest.of(manifest).toString());
    assertThat(get("/v2/team/app/manifests/" + Digest.of(manifest), token)).isEqualTo(manifest);
    assertThat(get("/v2/team/app/blobs/" + file.digest(), token)).isEqualTo(content);
  }

  private static void needsRootAnd(String program) {
    assumeTrue(ClientProgram.isInstalled(program), program + " is not installed");
    assumeTrue("root".equals(System.getProperty("user.name")), program + " needs root here");
  }

  private int layers(String tag) {
    return registry
            .catalog
            .current()
            .manifest("team/app", new ManifestKey.ByTag(tag))
            .orElseThrow()
            .children()
            .size()
        - 1; // The configuration is none.
  }

  private String stored(String program, String... arguments) throws Exception {
    return ClientProgram.run(command(program, arguments)).good().strip();
  }

  /** With a store of its own, on a driver that needs no privilege. */
  private String[] command(String program, String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                program,
                "--root",
                dir.resolve("root").toString(),
                "--runroot",
                dir.resolve("run").toString(),
                "--storage-driver",
                "vfs"));
    command.addAll(List.of(arguments));
    return command.toArray(String[]::new);
  }

  private String token(String scope) throws Exception {
    HttpRequest request =
        HttpRequest.newBuilder(registry.uri().resolve("/v2/token?service=x&scope=" + scope))
            .header(
                "Authorization",
                "Basic "
                    + Base64.getEncoder()
                        .encodeToString(CREDENTIALS.getBytes(StandardCharsets.UTF_8)))
            .build();
    try (HttpClient http = HttpClient.newHttpClient()) {
      byte[] answer = http.send(request, BodyHandlers.ofByteArray()).body();
      return new ObjectMapper().readTree(answer).path("token").asText();
    }
  }

  private byte[] get(String path, String token) throws Exception {
    HttpResponse<byte[]> answer = send("GET", path, token, new byte[0], "");
    assertThat(answer.statusCode()).isEqualTo(200);
    return answer.body();
  }

  private HttpResponse<byte[]> send(
      String method, String path, String token, byte[] body, String type) throws Exception {
    URI target = registry.uri().resolve(path);
    HttpRequest.Builder request =
        HttpRequest.newBuilder(target)
            .method(method, BodyPublishers.ofByteArray(body))
            .header("Authorization", "Bearer " + token);
    Optional.of(type)
        .filter(it -> !it.isEmpty())
        .ifPresent(it -> request.header("Content-Type", it));
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      return http.send(request.build(), BodyHandlers.ofByteArray());
    }
  }
}
