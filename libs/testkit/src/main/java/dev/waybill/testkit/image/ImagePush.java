package dev.waybill.testkit.image;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.RegistryRequest;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/** Pushes images from memory to a registry. */
public final class ImagePush implements AutoCloseable {
  private final HttpClient http = HttpClient.newHttpClient();
  private final URI registry;
  private final @Nullable String authorization;

  private ImagePush(URI registry, @Nullable String authorization) {
    this.registry = registry;
    this.authorization = authorization;
  }

  /** To a registry that takes pushes from anyone. */
  public static ImagePush to(URI registry) {
    return new ImagePush(registry, null);
  }

  /** To a registry that wants a password. */
  public static ImagePush to(URI registry, String user, String password) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    return new ImagePush(registry, "Basic " + Base64.getEncoder().encodeToString(pair));
  }

  /** Pushes blobs and documents, and names the root {@code tag}. */
  public void push(MadeImage image, String repository, String tag) throws IOException {
    for (var blob : image.blobs().entrySet()) {
      pushBlob(repository, blob.getKey(), blob.getValue());
    }
    for (MadeImage.Document document : image.documents()) {
      Digest digest = document.descriptor().digest();
      String key = digest.equals(image.digest()) ? tag : digest.toString();
      send(
          RegistryRequest.putManifest(repository, key, document.descriptor().mediaType()),
          document.content());
    }
  }

  private void pushBlob(String repository, Digest digest, byte[] content) throws IOException {
    HttpResponse<byte[]> opened = send(RegistryRequest.startUpload(repository), new byte[0]);
    String location = opened.headers().firstValue("Location").orElseThrow();
    URI resolved = registry.resolve(location);
    String path =
        resolved.getRawPath()
            + (resolved.getRawQuery() == null ? "" : "?" + resolved.getRawQuery());
    send(RegistryRequest.finishUpload(repository, path, digest), content);
  }

  private HttpResponse<byte[]> send(RegistryRequest request, byte[] body) throws IOException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(registry.resolve(request.path()))
            .method(request.method(), HttpRequest.BodyPublishers.ofByteArray(body));
    request.headers().forEach(builder::header);
    if (authorization != null) {
      builder.header("Authorization", authorization);
    }
    try {
      HttpResponse<byte[]> response =
          http.send(builder.build(), HttpResponse.BodyHandlers.ofByteArray());
      if (response.statusCode() / 100 != 2) {
        throw new IOException(
            request.method()
                + " "
                + request.path()
                + " answered "
                + response.statusCode()
                + " "
                + ErrorBody.summary(response.body()));
      }
      return response;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while pushing", e);
    }
  }

  @Override
  public void close() {
    http.close();
  }
}
