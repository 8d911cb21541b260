package dev.waybill.noderunner.imagecache;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.RegistryRequest;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** The platform's own registry over HTTP. */
public final class HttpImageSource implements ImageSource, AutoCloseable {
  private static final int ERROR_BYTES_MAX = 64 * 1024;

  private final URI registry;
  private final String authorization;
  private final CacheLimits limits;
  private final HttpClient http;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("image-stalls").factory());

  /**
   * @param registry where its API is, without {@code /v2}
   */
  public HttpImageSource(URI registry, String user, String password, CacheLimits limits) {
    byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
    this.registry = registry;
    this.authorization = "Basic " + Base64.getEncoder().encodeToString(pair);
    this.limits = limits;
    this.http =
        HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(limits.answerTimeout())
            .build();
  }

  /** The same registry's images while they arrive there: each read waits for what is to come. */
  public ImageSource whileArriving() {
    return new ImageSource() {
      @Override
      public byte[] manifest(String repository, Digest digest, int bytesMax) throws IOException {
        return document(
            RegistryRequest.manifest(repository, digest.toString()).whileArriving(), bytesMax);
      }

      @Override
      public InputStream blob(String repository, Digest digest, long offset) throws IOException {
        return open(blobRequest(repository, digest, offset).whileArriving(), offset);
      }
    };
  }

  @Override
  public byte[] manifest(String repository, Digest digest, int bytesMax) throws IOException {
    return document(RegistryRequest.manifest(repository, digest.toString()), bytesMax);
  }

  private byte[] document(RegistryRequest request, int bytesMax) throws IOException {
    try (InputStream body = open(request, 0)) {
      byte[] content = body.readNBytes(bytesMax + 1);
      if (content.length > bytesMax) {
        throw new IOException(request.path() + " is over the limit of " + bytesMax);
      }
      return content;
    }
  }

  @Override
  public InputStream blob(String repository, Digest digest, long offset) throws IOException {
    return open(blobRequest(repository, digest, offset), offset);
  }

  private static RegistryRequest blobRequest(String repository, Digest digest, long offset) {
    return offset == 0
        ? RegistryRequest.blob(repository, digest)
        : RegistryRequest.blobFrom(repository, digest, offset);
  }

  private InputStream open(RegistryRequest request, long offset) throws IOException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(registry.resolve(request.path()))
            .timeout(limits.answerTimeout())
            .header("Authorization", authorization);
    request.headers().forEach(builder::header);
    HttpResponse<InputStream> response;
    try {
      response = http.send(builder.build(), BodyHandlers.ofInputStream());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while asking the registry", e);
    }
    int status = response.statusCode();
    if (status == 206 || status == 200 && offset == 0) {
      return new Watched(response.body());
    }
    try (InputStream body = response.body()) {
      String said = ErrorBody.summary(body.readNBytes(ERROR_BYTES_MAX));
      String message = "the registry answers " + status + " " + said;
      throw status / 100 == 4 ? new UnknownBlobException(message) : new IOException(message);
    }
  }

  /** Closes itself when nothing has come for too long, which wakes whoever reads. */
  private final class Watched extends FilterInputStream {
    private final AtomicLong reads = new AtomicLong();
    private final ScheduledFuture<?> watch;
    private long readsSeen = -1;

    Watched(InputStream body) {
      super(body);
      long period = limits.stallTimeout().toMillis();
      watch = timer.scheduleAtFixedRate(this::look, period, period, TimeUnit.MILLISECONDS);
    }

    private void look() {
      long now = reads.get();
      if (now == readsSeen || now == 0) {
        try {
          in.close();
        } catch (IOException closedAnyway) {
          watch.cancel(false);
        }
      }
      readsSeen = now;
    }

    @Override
    public int read(byte[] buffer, int offset, int length) throws IOException {
      int read = in.read(buffer, offset, length);
      reads.incrementAndGet();
      return read;
    }

    @Override
    public void close() throws IOException {
      watch.cancel(false);
      in.close();
    }
  }

  @Override
  public void close() {
    timer.shutdownNow();
    http.shutdownNow();
  }
}
