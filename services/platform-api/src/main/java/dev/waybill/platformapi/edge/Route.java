package dev.waybill.platformapi.edge;

import dev.waybill.platformapi.intent.Limits;
import dev.waybill.platformapi.intent.Problem;
import io.vertx.core.http.HttpMethod;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.function.Predicate;
import org.jboss.logging.Logger;

/** How every route behaves: authenticated, on a virtual thread of its own, problems as JSON. */
final class Route {
  private static final Logger LOG = Logger.getLogger(Route.class);

  private final Router router;
  private final byte[] token;
  private final BodyHandler bodies = BodyHandler.create(false).setBodyLimit(Limits.BODY_BYTES_MAX);

  /** What a route does; it answers the exchange itself. */
  interface Handler {
    void handle(Exchange exchange) throws Exception;
  }

  Route(Router router, String token) {
    this.router = router;
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  void get(String path, Handler handler) {
    router.route(HttpMethod.GET, path).handler(context -> start(context, handler));
  }

  void post(String path, Handler handler) {
    withBody(HttpMethod.POST, path, handler);
  }

  /** The same for callers that prove themselves in another way than the rest. */
  void post(String path, Predicate<Exchange> admitted, Handler handler) {
    router
        .route(HttpMethod.POST, path)
        .handler(bodies)
        .failureHandler(context -> bodyTooLarge(context, Limits.BODY_BYTES_MAX))
        .handler(context -> start(context, admitted, handler));
  }

  /** The same for a body that may be larger than usual. */
  void post(String path, int bodyBytesMax, Handler handler) {
    withBody(
        HttpMethod.POST,
        path,
        BodyHandler.create(false).setBodyLimit(bodyBytesMax),
        context -> bodyTooLarge(context, bodyBytesMax),
        handler);
  }

  void delete(String path, Handler handler) {
    withBody(HttpMethod.DELETE, path, handler);
  }

  private void withBody(HttpMethod method, String path, Handler handler) {
    withBody(
        method, path, bodies, context -> bodyTooLarge(context, Limits.BODY_BYTES_MAX), handler);
  }

  private void withBody(
      HttpMethod method,
      String path,
      BodyHandler reader,
      io.vertx.core.Handler<RoutingContext> tooLarge,
      Handler handler) {
    router
        .route(method, path)
        .handler(reader)
        .failureHandler(tooLarge)
        .handler(context -> start(context, handler));
  }

  private static void bodyTooLarge(RoutingContext context, int bytesMax) {
    if (context.statusCode() == 413) {
      new Exchange(context)
          .refuse(
              new Problem(
                  413,
                  "request too large",
                  "the body may have at most %d bytes".formatted(bytesMax)));
    } else {
      context.next();
    }
  }

  private void start(RoutingContext context, Handler handler) {
    start(context, this::authenticated, handler);
  }

  private static void start(RoutingContext context, Predicate<Exchange> admitted, Handler handler) {
    var exchange = new Exchange(context);
    if (!admitted.test(exchange)) {
      context.response().putHeader("WWW-Authenticate", "Bearer realm=\"waybill\"");
      exchange.refuse(
          new Problem(401, "not authenticated", "send the header 'Authorization: Bearer TOKEN'"));
      return;
    }
    Thread.ofVirtual().name("api " + context.request().path()).start(() -> run(exchange, handler));
  }

  /** Compared in constant time, so that answers don't tell how much of a guess was right. */
  private boolean authenticated(Exchange exchange) {
    return MessageDigest.isEqual(token, exchange.token().getBytes(StandardCharsets.UTF_8));
  }

  private static void run(Exchange exchange, Handler handler) {
    try {
      handler.handle(exchange);
    } catch (Problem.Raised e) {
      exchange.refuse(e.problem());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      exchange.refuse(new Problem(503, "shutting down", "try again in a moment"));
    } catch (Exception e) {
      LOG.errorf(e, "request failed path=%s", exchange.context().request().path());
      if (!exchange.context().response().headWritten()) {
        exchange.refuse(new Problem(500, "internal error", String.valueOf(e.getMessage())));
      } else {
        exchange.context().response().reset();
      }
    }
  }
}
