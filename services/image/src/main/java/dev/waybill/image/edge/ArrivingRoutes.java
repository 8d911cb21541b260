package dev.waybill.image.edge;

import dev.waybill.image.access.Caller;
import dev.waybill.image.arrival.Arrivals;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.distribution.RegistryCall;
import dev.waybill.image.distribution.RegistryCallParser;
import dev.waybill.oci.distribution.RegistryRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * Lets this platform's nodes, who know its password, read images while they arrive. The paths are
 * those of the registry below {@code /arriving}; what isn't on its way is answered as the registry
 * answers it. The registry's own paths show nothing before it is whole: whoever has a token for
 * pulls has none for these.
 */
public final class ArrivingRoutes {
  private static final Logger LOG = Logger.getLogger(ArrivingRoutes.class);
  private static final int ORDER = -1000;
  private static final int PIECE_BYTES = 256 * 1024;
  private static final Pattern FROM = Pattern.compile("bytes=([0-9]{1,18})-");

  private final Arrivals arrivals;
  private final RegistryRoutes registry;
  private final Authenticator authenticator;
  private final ExecutorService threads;

  /**
   * @param authenticator knows the nodes
   * @param threads run requests that wait for the download or the client, one each
   */
  public ArrivingRoutes(
      Arrivals arrivals,
      RegistryRoutes registry,
      Authenticator authenticator,
      ExecutorService threads) {
    this.arrivals = arrivals;
    this.registry = registry;
    this.authenticator = authenticator;
    this.threads = threads;
  }

  /** Answers what is below {@code /arriving} from now on. */
  public void mount(Router router) {
    router
        .get(RegistryRequest.ARRIVING + "/v2/*")
        .order(ORDER)
        .handler(context -> handle(context.request()));
  }

  private void handle(HttpServerRequest request) {
    String path = RegistryRoutes.path(request).substring(RegistryRequest.ARRIVING.length());
    RegistryCall wanted = RegistryCallParser.parse("GET", path);
    Optional<Caller> caller = authenticator.authenticate(RegistryRoutes.authorization(request));
    if (caller.isEmpty()) {
      RegistryRoutes.refuse(request);
      return;
    }
    Runnable otherwise = registry.answer(wanted, request, caller.get().actor());
    threads.execute(() -> serve(wanted, request, otherwise));
  }

  private void serve(RegistryCall wanted, HttpServerRequest request, Runnable otherwise) {
    try {
      boolean served =
          switch (wanted) {
            case RegistryCall.GetManifest(var repository, ManifestKey.ByDigest(var digest)) -> {
              Optional<byte[]> document = arrivals.manifest(repository, digest);
              document.ifPresent(bytes -> request.response().end(Buffer.buffer(bytes)));
              yield document.isPresent();
            }
            case RegistryCall.GetBlob(var repository, var digest) -> {
              long offset = offset(request);
              Optional<Arrivals.Content> content = arrivals.blob(repository, digest, offset);
              if (content.isPresent()) {
                send(request, content.get(), offset);
              }
              yield content.isPresent();
            }
            default -> false;
          };
      if (!served) {
        otherwise.run();
      }
    } catch (IOException | CompletionException e) {
      LOG.infof("arriving content broken off path=%s: %s", request.path(), e.getMessage());
      request.connection().close();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt(); // The service stops, and with it the connection.
      request.connection().close();
    }
  }

  private static long offset(HttpServerRequest request) {
    String range = request.getHeader("Range");
    Matcher from = FROM.matcher(range == null ? "" : range);
    return from.matches() ? Long.parseLong(from.group(1)) : 0;
  }

  /** One piece is on its way to the client while the next is read. */
  private static void send(HttpServerRequest request, Arrivals.Content content, long offset)
      throws IOException {
    HttpServerResponse response = request.response();
    long left = content.size() - offset;
    response.setStatusCode(offset == 0 ? 200 : 206);
    response.putHeader(HttpHeaders.CONTENT_TYPE, "application/octet-stream");
    response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(left));
    if (offset > 0) {
      response.putHeader(
          "Content-Range", "bytes %d-%d/%d".formatted(offset, content.size() - 1, content.size()));
    }
    Future<Void> onItsWay = Future.succeededFuture();
    try (InputStream bytes = content.bytes()) {
      byte[] piece = new byte[PIECE_BYTES];
      for (int count = bytes.read(piece); count >= 0; count = bytes.read(piece)) {
        onItsWay.toCompletionStage().toCompletableFuture().join();
        onItsWay = response.write(Buffer.buffer(Arrays.copyOf(piece, count)));
      }
    }
    onItsWay.toCompletionStage().toCompletableFuture().join();
    response.end();
  }
}
