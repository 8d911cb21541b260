package dev.waybill.cli.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.cli.CliException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.ConnectException;
import java.net.HttpURLConnection;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.net.http.WebSocketHandshakeException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to the platform; a refusal becomes a {@link CliException} with the platform's words.
 *
 * <p>Plain requests go by {@link HttpURLConnection}: it loads in a fraction of the time of {@link
 * HttpClient}, which a command that runs for a blink would notice, and leaves no thread behind.
 */
public final class ApiClient implements AutoCloseable {
  public static final ObjectMapper JSON = new ObjectMapper();
  private static final int CONNECT_TIMEOUT_MS = 5_000;
  private static final int READ_TIMEOUT_MS = 11 * 60 * 1000;

  private final Target target;
  private Optional<HttpClient> sockets = Optional.empty();

  public ApiClient(Target target) {
    this.target = target;
  }

  public Target target() {
    return target;
  }

  public JsonNode get(String path) {
    return exchange("GET", path, Optional.empty());
  }

  public JsonNode post(String path, JsonNode body) {
    return exchange("POST", path, Optional.of(body));
  }

  public JsonNode post(String path) {
    return post(path, JSON.createObjectNode());
  }

  public JsonNode delete(String path) {
    return exchange("DELETE", path, Optional.empty());
  }

  /** The same where this thread was interrupted: what was begun is to be undone all the more. */
  public void deleteAnyway(String path) {
    boolean interrupted = Thread.interrupted();
    try {
      delete(path);
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** The body as it comes; the caller closes it. */
  public InputStream stream(String path) {
    // However long it is silent: what is followed says nothing until something happens.
    return open("GET", path, Optional.empty(), 0);
  }

  /** Opens a WebSocket; it lives until this client is closed. */
  public WebSocket socket(String path, WebSocket.Listener listener) {
    URI uri = URI.create(target.api().toString().replaceFirst("^http", "ws") + path);
    HttpClient http = sockets.orElseGet(ApiClient::socketClient);
    sockets = Optional.of(http);
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

  private static HttpClient socketClient() {
    return HttpClient.newBuilder()
        .version(HttpClient.Version.HTTP_1_1)
        .connectTimeout(Duration.ofMillis(CONNECT_TIMEOUT_MS))
        .build();
  }

  /** Ends the sockets at once: the JVM's exit waits for their threads otherwise. */
  @Override
  public void close() {
    sockets.ifPresent(
        http -> {
          http.shutdownNow();
          http.close();
        });
    sockets = Optional.empty();
  }

  private static String body(WebSocketHandshakeException refused) {
    Object body = refused.getResponse().body();
    return body == null ? "" : body.toString();
  }

  private JsonNode exchange(String method, String path, Optional<JsonNode> body) {
    return json(open(method, path, body, READ_TIMEOUT_MS));
  }

  private InputStream open(String method, String path, Optional<JsonNode> body, int readTimeoutMs) {
    try {
      var connection = (HttpURLConnection) URI.create(target.api() + path).toURL().openConnection();
      connection.setRequestMethod(method);
      connection.setConnectTimeout(CONNECT_TIMEOUT_MS);
      connection.setReadTimeout(readTimeoutMs);
      connection.setRequestProperty("Authorization", "Bearer " + target.token());
      if (body.isPresent()) {
        send(connection, body.get());
      }
      int status = connection.getResponseCode();
      if (status >= 300) {
        throw CliException.failed(words(status, text(connection.getErrorStream())));
      }
      return connection.getInputStream();
    } catch (IOException e) {
      throw unreachable(e);
    }
  }

  private static void send(HttpURLConnection connection, JsonNode body) throws IOException {
    byte[] bytes = JSON.writeValueAsBytes(body);
    connection.setRequestProperty("Content-Type", "application/json");
    connection.setDoOutput(true);
    // Streamed, so that a request that makes something is never sent twice behind our back.
    connection.setFixedLengthStreamingMode(bytes.length);
    try (OutputStream out = connection.getOutputStream()) {
      out.write(bytes);
    }
  }

  private static String text(@Nullable InputStream body) throws IOException {
    if (body == null) {
      return "";
    }
    try (body) {
      return new String(body.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private CliException unreachable(Throwable cause) {
    String why = cause instanceof ConnectException ? "nobody listens there" : cause.getMessage();
    return CliException.failed(
        "cannot reach the platform at %s: %s; is it up? 'waybill status' tells"
            .formatted(target.api(), why));
  }

  private static String words(int status, String body) {
    if (status == HttpURLConnection.HTTP_UNAUTHORIZED && body.isBlank()) {
      // The JDK keeps this answer's body to itself where the request was streamed.
      return "that token isn't the platform's; see WAYBILL_TOKEN, or admin.token in its data directory";
    }
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

  private JsonNode json(InputStream answer) {
    try {
      String body = text(answer);
      return body.isEmpty() ? JSON.createObjectNode() : JSON.readTree(body);
    } catch (JsonProcessingException e) {
      throw CliException.failed("the platform answered no JSON: " + e.getOriginalMessage());
    } catch (IOException e) {
      throw unreachable(e);
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
