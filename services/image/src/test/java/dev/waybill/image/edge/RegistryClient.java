package dev.waybill.image.edge;

import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/** Speaks to the registry in single requests. */
final class RegistryClient implements AutoCloseable {
  private final HttpClient http =
      HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).build();
  private final URI registry;

  RegistryClient(URI registry) {
    this.registry = registry;
  }

  Answer send(String method, String path, byte[] body, String... headers) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(registry.resolve(path))
            .method(method, BodyPublishers.ofByteArray(body))
            .header("Authorization", basic());
    for (int i = 0; i < headers.length; i += 2) {
      request.header(headers[i], headers[i + 1]);
    }
    return exchange(request.build());
  }

  Answer send(String method, String path) {
    return send(method, path, new byte[0]);
  }

  /** Begins to read a body; the rest comes when it is read. */
  InputStream open(String path) throws IOException, InterruptedException {
    HttpRequest request =
        HttpRequest.newBuilder(registry.resolve(path)).header("Authorization", basic()).build();
    return http.send(request, BodyHandlers.ofInputStream()).body();
  }

  Answer anonymous(String path) {
    return exchange(HttpRequest.newBuilder(registry.resolve(path)).build());
  }

  private Answer exchange(HttpRequest request) {
    try {
      return new Answer(http.send(request, BodyHandlers.ofByteArray()));
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  private static String basic() {
    String pair = RunningRegistry.USER + ":" + RunningRegistry.TOKEN;
    return "Basic " + Base64.getEncoder().encodeToString(pair.getBytes(StandardCharsets.UTF_8));
  }

  /** What came back. */
  record Answer(HttpResponse<byte[]> response) {
    int status() {
      return response.statusCode();
    }

    String header(String name) {
      return response.headers().firstValue(name).orElse("");
    }

    byte[] body() {
      return response.body();
    }

    String text() {
      return new String(response.body(), StandardCharsets.UTF_8);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
