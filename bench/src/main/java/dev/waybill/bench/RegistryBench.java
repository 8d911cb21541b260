package dev.waybill.bench;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.image.OciLayout;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;

/**
 * {@code registry}: skopeo pushes an image of about 200 MB, unpacked, and pulls it again, and one
 * client asks for small blobs one after the other: of our registry and of Debian's in turn.
 */
final class RegistryBench {
  private static final int RUNS = 5;
  private static final int WARM_UP = 1;
  private static final int REQUESTS = 1000;
  private static final String PEER = "docker-registry";

  private final Path directory;
  private final Result push = new Result("push", "ms");
  private final Result pull = new Result("pull", "ms");
  private final Result blob = new Result("smallBlob", "ms");

  /** One of the two registries. */
  private record Party(String name, URI address, String user, String password) {
    String image(int turn) {
      return "docker://" + address.getRawAuthority() + "/bench/large:v" + turn;
    }

    String basic() {
      byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
      return "Basic " + Base64.getEncoder().encodeToString(pair);
    }
  }

  private RegistryBench(Path directory) {
    this.directory = directory;
  }

  static Result run(Path home) throws IOException, InterruptedException {
    try (BenchDisk disk = BenchDisk.open();
        BenchPlatform platform = BenchPlatform.start(home, disk.root());
        DebianRegistry debian = DebianRegistry.start(disk.root().resolve("registry"))) {
      var target = platform.client().target();
      var bench = new RegistryBench(disk.root());
      List<Party> parties =
          List.of(
              new Party(PEER, debian.address(), "anyone", "anything"),
              new Party("waybill", target.api(), "admin", target.token()));
      for (int turn = 0; turn < WARM_UP + RUNS; turn++) {
        MadeImage image = LargeImage.SIX_LAYERS.make(turn);
        Path layout = disk.root().resolve("layout" + turn);
        OciLayout.write(image, layout, "1");
        for (Party party : parties) {
          bench.copy(party, layout, turn);
        }
      }
      for (Party party : parties) {
        bench.ask(party, false);
        bench.ask(party, true);
      }
      return bench.result();
    }
  }

  private Result result() {
    var result = new Result("registry", "ms");
    result.ours().addAll(push.ours());
    result.peer(PEER).addAll(push.peer(PEER));
    ObjectNode extra = result.extra();
    extra.set("pull", pull.json());
    extra.set("smallBlob", blob.json());
    return result;
  }

  private void copy(Party party, Path layout, int turn) throws IOException, InterruptedException {
    String credentials = party.user() + ":" + party.password();
    Programs.time(List.of("sync"));
    double pushed =
        skopeo(
            List.of("--dest-tls-verify=false", "--dest-creds", credentials),
            "oci:" + layout + ":1",
            party.image(turn));
    Path back = directory.resolve("back-" + party.name() + turn);
    double pulled =
        skopeo(
            List.of("--src-tls-verify=false", "--src-creds", credentials),
            party.image(turn),
            "oci:" + back + ":1");
    if (turn >= WARM_UP) {
      samples(push, party).add(pushed);
      samples(pull, party).add(pulled);
    }
  }

  private static Samples samples(Result result, Party party) {
    return party.name().equals(PEER) ? result.peer(PEER) : result.ours();
  }

  private static double skopeo(List<String> options, String from, String to)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("skopeo", "--insecure-policy", "copy", "-q"));
    command.addAll(options);
    command.addAll(List.of(from, to));
    return Programs.time(command);
  }

  /** Asks for a blob of some hundred bytes again and again over one connection. */
  private void ask(Party party, boolean counts) throws IOException, InterruptedException {
    MadeImage small = BenchImage.make();
    try (ImagePush registry = ImagePush.to(party.address(), party.user(), party.password())) {
      registry.push(small, "bench/small", "1");
    }
    String digest =
        small.blobs().entrySet().stream()
            .min((a, b) -> Integer.compare(a.getValue().length, b.getValue().length))
            .orElseThrow()
            .getKey()
            .toString();
    HttpRequest request =
        HttpRequest.newBuilder(party.address().resolve("/v2/bench/small/blobs/" + digest))
            .header("Authorization", party.basic())
            .build();
    try (HttpClient http = HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build()) {
      for (int i = 0; i < REQUESTS; i++) {
        long start = System.nanoTime();
        HttpResponse<byte[]> response = http.send(request, BodyHandlers.ofByteArray());
        double ms = (System.nanoTime() - start) / 1e6;
        if (response.statusCode() != 200) {
          throw new IllegalStateException(party.name() + " answers " + response.statusCode());
        }
        if (counts) {
          samples(blob, party).add(ms);
        }
      }
    }
  }
}
