package dev.waybill.image.edge;

import dev.waybill.image.access.Caller;
import dev.waybill.image.access.RequestRate;
import dev.waybill.image.access.Scope;
import dev.waybill.image.access.TokenService;
import dev.waybill.image.catalog.Actor;
import dev.waybill.image.distribution.Incoming;
import dev.waybill.image.distribution.Registry;
import dev.waybill.image.distribution.RegistryCall;
import dev.waybill.image.distribution.RegistryCallParser;
import dev.waybill.image.distribution.RegistryReply;
import dev.waybill.image.distribution.RegistryReply.Body;
import dev.waybill.image.distribution.RequiredAccess;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.oci.distribution.ErrorCode;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.HttpVersion;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.NoSuchFileException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** Carries the registry over HTTP. */
public final class RegistryRoutes {
  private static final Logger LOG = Logger.getLogger(RegistryRoutes.class);
  private static final int ORDER = -1000;
  private static final String TOKEN = "/v2/token";
  private static final String AUTHENTICATE = "WWW-Authenticate";
  private static final String BASIC = "Basic realm=\"waybill\"";
  private static final String LOG_IN = "log in with the platform's token";
  private static final String RETRY_AFTER_SECONDS = "5";
  private static final long NANOS_PER_SECOND = 1_000_000_000;
  private static final String API_VERSION = "Docker-Distribution-API-Version";

  private final Registry registry;
  private final Authenticator authenticator;
  private final Authenticator withTokens;
  private final TokenService tokens;
  private final Optional<RequestRate> rate;
  private final ExecutorService threads;

  /**
   * @param authenticator knows those to whom {@code tokens} may be issued
   * @param rate of requests of one address, if there is a limit
   * @param threads run requests that may wait for the disk or the client, one each
   */
  public RegistryRoutes(
      Registry registry,
      Authenticator authenticator,
      TokenService tokens,
      Optional<RequestRate> rate,
      ExecutorService threads) {
    this.registry = registry;
    this.authenticator = authenticator;
    this.withTokens = authenticator.orToken(tokens);
    this.tokens = tokens;
    this.rate = rate;
    this.threads = threads;
  }

  /**
   * Answers everything below {@code /v2} from now on. It does so before the router's other
   * handlers: a push has no limit of size, and its body must reach us unread.
   */
  public void mount(Router router) {
    router.route("/v2*").order(ORDER - 2).handler(this::holdBack);
    router.get(TOKEN).order(ORDER - 1).handler(context -> issue(context.request()));
    router.route("/v2*").order(ORDER).handler(context -> handle(context.request()));
  }

  /** Before a password is looked at: who guesses one is held back, too. */
  private void holdBack(RoutingContext context) {
    HttpServerRequest request = context.request();
    Optional<Duration> wait =
        rate.flatMap(limit -> limit.refuse(request.remoteAddress().hostAddress()));
    if (wait.isEmpty()) {
      context.next();
      return;
    }
    RegistryReply later =
        RegistryReply.error(ErrorCode.TOOMANYREQUESTS, "too many requests of this address");
    send(
        request,
        later.with(
            "Retry-After", Long.toString(Math.ceilDiv(wait.get().toNanos(), NANOS_PER_SECOND))));
  }

  private void handle(HttpServerRequest request) {
    RegistryCall wanted = RegistryCallParser.parse(request.method().name(), path(request));
    Optional<String> from = Optional.ofNullable(request.getParam("from"));
    Optional<Caller> caller = withTokens.authenticate(authorization(request));
    if (caller.filter(known -> RequiredAccess.isGranted(known, wanted, from)).isEmpty()) {
      refuse(request, RequiredAccess.scopes(wanted, from));
      return;
    }
    threads.execute(answer(wanted, request, caller.get().actor()));
  }

  /** What answers a request; run on a thread that may wait. */
  Runnable answer(RegistryCall wanted, HttpServerRequest request, Actor actor) {
    Call call = new Call(request, actor, RequestBody.of(request));
    return () -> serve(wanted, call);
  }

  static Optional<String> authorization(HttpServerRequest request) {
    return Optional.ofNullable(request.getHeader(HttpHeaders.AUTHORIZATION));
  }

  /** Tokens are issued for a password alone: one that issued others would never end. */
  private void issue(HttpServerRequest request) {
    Optional<Caller> caller = authenticator.authenticate(authorization(request));
    if (caller.isEmpty()) {
      refuse(request);
      return;
    }
    List<Scope> wanted =
        request.params().getAll("scope").stream().flatMap(it -> Scope.parse(it).stream()).toList();
    byte[] answer = tokens.answer(caller.get().limitedTo(wanted));
    request.response().putHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    send(request, RegistryReply.json(200, answer));
  }

  /** Asks for the password itself. */
  static void refuse(HttpServerRequest request) {
    request.response().putHeader(AUTHENTICATE, BASIC);
    send(request, RegistryReply.error(ErrorCode.UNAUTHORIZED, LOG_IN));
  }

  /** Offers both ways to log in, each in a header of its own: clients read one from each. */
  private static void refuse(HttpServerRequest request, List<Scope> needed) {
    String host = String.valueOf(request.authority());
    String realm = request.scheme() + "://" + host + TOKEN;
    request
        .response()
        .headers()
        .add(AUTHENTICATE, TokenService.challenge(realm, host, needed.stream()))
        .add(AUTHENTICATE, BASIC);
    send(request, RegistryReply.error(ErrorCode.UNAUTHORIZED, LOG_IN));
  }

  private void serve(RegistryCall wanted, Call call) {
    HttpServerRequest request = call.request();
    try {
      answer(request, registry.handle(wanted, call));
    } catch (StoreFailedException e) {
      LOG.warnf("registry request failed path=%s: %s", request.path(), e.getMessage());
      RegistryReply later =
          RegistryReply.error(503, ErrorCode.UNSUPPORTED, String.valueOf(e.getMessage()));
      send(request, later.with("Retry-After", RETRY_AFTER_SECONDS));
    } catch (IOException | RuntimeException e) {
      LOG.warnf(e, "registry request failed method=%s path=%s", request.method(), request.path());
      send(
          request,
          RegistryReply.error(
              500, ErrorCode.UNSUPPORTED, "the registry failed, see its log: " + e.getMessage()));
    }
  }

  /** For a thread that may wait: content from elsewhere is read while it is sent. */
  private static void answer(HttpServerRequest request, RegistryReply reply) throws IOException {
    if (!(reply.body() instanceof Body.StreamSlice slice) || request.method() == HttpMethod.HEAD) {
      send(request, reply);
      return;
    }
    // Opened before the head goes out, while it can still be said that there is nothing.
    try (InputStream content = slice.content().open(slice.offset(), slice.length())) {
      if (begin(request, reply)) {
        StreamedBody.send(request.response(), content, slice.length())
            .ifPresent(why -> LOG.infof("body broke off path=%s: %s", request.path(), why));
      }
    } catch (NoSuchFileException removed) {
      send(request, RegistryReply.error(ErrorCode.BLOB_UNKNOWN, "the content was removed"));
    }
  }

  /** The path; of what clients may encode in it, only the colon of a digest is ours. */
  static String path(HttpServerRequest request) {
    return String.valueOf(request.path()).replace("%3A", ":").replace("%3a", ":");
  }

  /** One request as the registry sees it. */
  private record Call(HttpServerRequest request, Actor actor, RequestBody body)
      implements Incoming {
    @Override
    public Optional<String> header(String name) {
      return Optional.ofNullable(request.getHeader(name));
    }

    @Override
    public Optional<String> query(String name) {
      return Optional.ofNullable(request.getParam(name));
    }

    @Override
    public @Nullable ByteBuffer nextBytes() throws IOException {
      return body.next();
    }
  }

  private static boolean hasBody(HttpServerRequest request) {
    String length = request.getHeader(HttpHeaders.CONTENT_LENGTH);
    return length == null
        ? request.getHeader(HttpHeaders.TRANSFER_ENCODING) != null
        : !length.equals("0");
  }

  /** Sets the head of a response; whether somebody still waits for it. */
  private static boolean begin(HttpServerRequest request, RegistryReply reply) {
    HttpServerResponse response = request.response();
    if (response.ended() || response.closed()) {
      return false;
    }
    response.setStatusCode(reply.status());
    response.putHeader(API_VERSION, "registry/2.0");
    reply.headers().forEach(response::putHeader);
    boolean ordered = request.version() != HttpVersion.HTTP_2; // There, streams are separate.
    if (ordered && hasBody(request) && !request.isEnded()) {
      // What is left of a refused body must not be taken for the next request.
      response.putHeader(HttpHeaders.CONNECTION, "close");
    }
    if (reply.status() != 204) {
      response.putHeader(HttpHeaders.CONTENT_LENGTH, Long.toString(reply.body().length()));
    }
    return true;
  }

  private static void send(HttpServerRequest request, RegistryReply reply) {
    if (!begin(request, reply)) {
      return;
    }
    HttpServerResponse response = request.response();
    if (request.method() == HttpMethod.HEAD || reply.status() == 204) {
      response.end();
      return;
    }
    switch (reply.body()) {
      case Body.Bytes(var content) -> response.end(Buffer.buffer(content));
      case Body.FileSlice(var file, var offset, var length) ->
          response
              .sendFile(file.toString(), offset, length)
              .onFailure(failure -> LOG.infof("client left path=%s: %s", request.path(), failure));
      case Body.StreamSlice _ ->
          throw new IllegalStateException("a stream is sent by a thread that may wait for it");
    }
  }
}
