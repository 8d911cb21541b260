package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.kernel.Digest;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Base64;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenTest {
  private static final Digest BLOB = Digest.of(new byte[] {7});

  @TempDir Path data;
  private RunningRegistry registry;
  private final HttpClient http = HttpClient.newHttpClient();

  @BeforeEach
  void start() throws Exception {
    registry = RunningRegistry.start(data);
    assertThat(send("POST", upload("team/app"), basic(RunningRegistry.TOKEN), 7).statusCode())
        .isEqualTo(201);
  }

  @AfterEach
  void stop() {
    registry.close();
    http.close();
  }

  @Test
  void who_is_not_known_is_told_of_both_ways_to_log_in() throws Exception {
    HttpResponse<String> refused = send("GET", "/v2/team/app/tags/list", "");

    assertThat(refused.statusCode()).isEqualTo(401);
    assertThat(refused.headers().allValues("WWW-Authenticate"))
        .containsExactly(
            "Bearer realm=\"http://%1$s/v2/token\",service=\"%1$s\",scope=\"repository:team/app:pull\""
                .formatted(registry.host()),
            "Basic realm=\"waybill\"");
  }

  @Test
  void a_token_is_good_for_what_it_was_asked_for_and_nothing_else() throws Exception {
    String token = "Bearer " + token("repository:team/app:pull");
    String blob = "/v2/team/app/blobs/" + BLOB;

    assertThat(send("GET", "/v2/", token).statusCode()).isEqualTo(200);
    assertThat(send("GET", blob, token).statusCode()).isEqualTo(200);
    assertThat(send("DELETE", blob, token).statusCode()).isEqualTo(401);
    assertThat(send("POST", upload("team/app"), token, 7).statusCode()).isEqualTo(401);
    assertThat(send("GET", "/v2/other/app/tags/list", token).statusCode()).isEqualTo(401);
    assertThat(send("GET", "/v2/_catalog", token).statusCode()).isEqualTo(401);
    assertThat(send("GET", blob, token).statusCode()).as("not deleted").isEqualTo(200);
  }

  @Test
  void actions_are_granted_one_by_one() throws Exception {
    String push = "Bearer " + token("repository:team/app:push");
    String delete = "Bearer " + token("repository:team/app:delete");
    String blob = "/v2/team/app/blobs/" + BLOB;

    assertThat(send("POST", upload("team/app"), push, 7).statusCode()).isEqualTo(201);
    assertThat(send("GET", blob, push).statusCode()).isEqualTo(401);
    assertThat(send("DELETE", blob, delete).statusCode()).isEqualTo(202);
  }

  @Test
  void a_blob_is_mounted_only_from_where_it_may_be_pulled() throws Exception {
    String mount = "/v2/mine/app/blobs/uploads/?from=team/app&mount=" + BLOB;

    assertThat(send("POST", mount, "Bearer " + token("repository:mine/app:push")).statusCode())
        .isEqualTo(401);
    String both = token("repository:mine/app:push repository:team/app:pull");
    assertThat(send("POST", mount, "Bearer " + both).statusCode()).isEqualTo(201);
  }

  @Test
  void nobody_gets_a_token_without_the_password_nor_for_another_token() throws Exception {
    String path = "/v2/token?scope=" + encoded("repository:team/app:pull");

    assertThat(send("GET", path, "").statusCode()).isEqualTo(401);
    assertThat(send("GET", path, basic("wrong")).statusCode()).isEqualTo(401);
    assertThat(send("GET", path, "Bearer " + token("repository:team/app:pull")).statusCode())
        .isEqualTo(401);
  }

  @Test
  void a_token_that_was_changed_is_none() throws Exception {
    String[] parts = token("repository:team/app:pull").split("\\.", -1);
    String claims = new String(Base64.getUrlDecoder().decode(parts[1]), StandardCharsets.UTF_8);
    parts[1] = encode(claims.replace(":pull", ":pull,push"));

    assertThat(claims).contains(":pull");
    assertThat(send("GET", "/v2/", "Bearer " + String.join(".", parts)).statusCode())
        .isEqualTo(401);
    String unsigned = encode("{\"alg\":\"none\"}") + "." + parts[1] + ".";
    assertThat(send("GET", "/v2/", "Bearer " + unsigned).statusCode()).isEqualTo(401);
    for (String odd : List.of("Bearer ", "Bearer .", "Bearer ..", "Bearer " + parts[0] + ".")) {
      assertThat(send("GET", "/v2/", odd).statusCode()).as(odd).isEqualTo(401);
    }
  }

  private static String encode(String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
  }

  private String token(String scope) throws Exception {
    HttpResponse<String> answer =
        send("GET", "/v2/token?service=x&scope=" + encoded(scope), basic(RunningRegistry.TOKEN));
    assertThat(answer.statusCode()).isEqualTo(200);
    return new ObjectMapper().readTree(answer.body()).path("token").textValue();
  }

  private static String encoded(String scope) {
    return URLEncoder.encode(scope, StandardCharsets.UTF_8);
  }

  private static String upload(String repository) {
    return "/v2/" + repository + "/blobs/uploads/?digest=" + BLOB;
  }

  private static String basic(String password) {
    byte[] pair = (RunningRegistry.USER + ":" + password).getBytes(StandardCharsets.UTF_8);
    return "Basic " + Base64.getEncoder().encodeToString(pair);
  }

  private HttpResponse<String> send(String method, String path, String authorization, int... body)
      throws Exception {
    byte[] content = new byte[body.length];
    for (int i = 0; i < body.length; i++) {
      content[i] = (byte) body[i];
    }
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://" + registry.host() + path))
            .method(method, BodyPublishers.ofByteArray(content));
    if (!authorization.isEmpty()) {
      request.header("Authorization", authorization);
    }
    return http.send(request.build(), BodyHandlers.ofString());
  }
}
