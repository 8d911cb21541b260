package dev.waybill.testkit.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopbackRegistryTest {
  private final LoopbackRegistry registry = LoopbackRegistry.start();
  private final MadeImage image =
      ImageMaker.image()
          .layer(LayerCompression.GZIP, LayerEntry.file("a", "one"))
          .layer(LayerCompression.ZSTD, LayerEntry.file("b", "two"))
          .make();

  @AfterEach
  void close() {
    registry.close();
  }

  @Test
  void what_is_pushed_can_be_read_by_tag_and_digest() throws Exception {
    try (ImagePush push = ImagePush.to(registry.uri())) {
      push.push(image, "team/app", "v1");
    }

    assertThat(registry.resolve("team/app", "v1")).isEqualTo(image.digest());
    assertThat(Digest.of(get("v2/team/app/manifests/v1").body())).isEqualTo(image.digest());
    for (Digest blob : image.blobs().keySet()) {
      assertThat(Digest.of(get("v2/team/app/blobs/" + blob).body())).isEqualTo(blob);
    }
  }

  @Test
  void a_wrong_digest_is_served_on_request() throws Exception {
    registry.add("app", "v1", image);
    Digest layer = image.blobs().firstKey();
    registry.inject(new Fault.WrongContent(layer));

    assertThat(Digest.of(get("v2/app/blobs/" + layer).body())).isNotEqualTo(layer);
  }

  @Test
  void a_truncated_layer_ends_the_connection_as_often_as_asked() throws Exception {
    registry.add("app", "v1", image);
    Digest layer = image.blobs().firstKey();
    registry.inject(new Fault.Truncated(layer, 10, 1));

    assertThatThrownBy(() -> get("v2/app/blobs/" + layer)).isInstanceOf(IOException.class);
    assertThat(Digest.of(get("v2/app/blobs/" + layer).body())).isEqualTo(layer);
  }

  @Test
  void a_busy_registry_wears_off() throws Exception {
    registry.add("app", "v1", image);
    registry.inject(new Fault.Busy(429, Duration.ofSeconds(3), 1));

    HttpResponse<byte[]> refused = get("v2/app/manifests/v1");
    assertThat(refused.statusCode()).isEqualTo(429);
    assertThat(refused.headers().firstValue("Retry-After")).contains("3");
    assertThat(get("v2/app/manifests/v1").statusCode()).isEqualTo(200);
  }

  @Test
  void a_token_is_asked_for_and_given() throws Exception {
    registry.add("app", "v1", image);
    registry.inject(new Fault.AnonymousTokenRequired());

    assertThat(get("v2/app/manifests/v1").statusCode()).isEqualTo(401);
    assertThat(new String(get("token").body())).contains("loopback-token");
  }

  private HttpResponse<byte[]> get(String path) throws IOException, InterruptedException {
    try (HttpClient client = HttpClient.newHttpClient()) {
      return client.send(
          HttpRequest.newBuilder(registry.uri().resolve(path)).build(),
          HttpResponse.BodyHandlers.ofByteArray());
    }
  }
}
