package dev.waybill.cli.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;

/** Requests to the platform; a refusal becomes a {@link CliException} with the platform's words. */
public final class ApiClient {
  public static final ObjectMapper JSON = new ObjectMapper();
  private static final Duration TIMEOUT = Duration.ofMinutes(11);

  private final Target target;
  private final HttpClient http =
      HttpClient.newBuilder()
          .version(HttpClient.Version.HTTP_1_1)
          .connectTimeout(Duration.ofSeconds(5))
          .build();

  public ApiClient(Target target) {
    this.target = target;
  }

  public Target target() {
    return target;
  }

  public JsonNode get(String path) {
    return json(send(request(path).GET().build()));
  }

  public JsonNode post(String path, JsonNode body) {
    return json(
        send(
            request(path)
                .header("Content-Type", "application/json")
                .POST(HttpRequest.BodyPublishers.ofString(body.toString()))
                .build()));
  }

  public JsonNode post(String path) {
    return post(path, JSON.createObjectNode());
  }

  public JsonNode delete(String path) {
    return json(send(request(path).DELETE().build()));
  }

  /** The body as it comes; the caller closes it. */
  public InputStream stream(String path) {
    return send(request(path).GET().build(), HttpResponse.BodyHandlers.ofInputStream()).body();
  }

  /** Opens a WebSocket. */
  public WebSocket socket(String path, WebSocket.Listener listener) {
    URI uri = URI.create(target.api().toString().replaceFirst("^http", "ws") + path);
    try {
      return http.newWebSocketBuilder()
          .header("Authorization", "Bearer " + target.token())
          .buildAsync(uri, listener)
          .join();
    } catch (CompletionException e) {
      if (e.getCause() instanceof WebSocketHandshakeException refused) {
        throw CliException.failed(words(refused.getResponse().statusCode(), body(refused)));
      }
      throw unreachable(e.getCause() == null ? e : e.getCause());
    }
  }

  private static String body(WebSocketHandshakeException refused) {
    Object body = refused.getResponse().body();
    return body == null ? "" : body.toString();
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(target.api() + path))
        .timeout(TIMEOUT)
        .header("Authorization", "Bearer " + target.token());
  }

  private String send(HttpRequest request) {
    return send(request, HttpResponse.BodyHandlers.ofString()).body();
  }

  private <T> HttpResponse<T> send(HttpRequest request, HttpResponse.BodyHandler<T> handler) {
    try {
      HttpResponse<T> response = http.send(request, handler);
      if (response.statusCode() >= 300) {
        throw CliException.failed(words(response.statusCode(), text(response.body())));
      }
      return response;
    } catch (IOException e) {
      throw unreachable(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw CliException.failed("interrupted");
    }
  }

  private static String text(Object body) throws IOException {
    return body instanceof InputStream stream
        ? new String(stream.readAllBytes(), StandardCharsets.UTF_8)
        : String.valueOf(body);
  }

  private CliException unreachable(Throwable cause) {
    String why = cause instanceof ConnectException ? "nobody listens there" : cause.getMessage();
    return CliException.failed(
        "cannot reach the platform at %s: %s; is it up? 'waybill status' tells"
            .formatted(target.api(), why));
  }

  private static String words(int status, String body) {
    try {
      JsonNode problem = JSON.readTree(body);
      if (problem != null && problem.hasNonNull("detail")) {
        return problem.path("detail").asText();
      }
    } catch (JsonProcessingException e) {
      // Not a problem document: its text is all there is to say.
      return body.isBlank() ? "the platform answered " + status : body.strip();
    }
    return body.isBlank() ? "the platform answered " + status : body.strip();
  }

  private static JsonNode json(String body) {
    try {
      return body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw CliException.failed("the platform answered no JSON: " + body);
    }
  }

  /** A value as part of a query. */
  public static String encode(String value) {
    return URLEncoder.encode(value, StandardCharsets.UTF_8);
  }

  /** {@code &name=value} for a value that is there. */
  public static String parameter(String name, Optional<String> value) {
    return value.map(text -> "&" + name + "=" + encode(text)).orElse("");
  }
}
