package dev.waybill.platformapi.edge;

import dev.waybill.fleet.ContainerView;
import dev.waybill.fleet.Fleet;
import dev.waybill.fleet.NodeView;
import dev.waybill.platformapi.intent.Problem;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpClientOptions;
import io.vertx.core.http.HttpClientRequest;
import io.vertx.core.http.HttpClientResponse;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.RequestOptions;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.UpgradeRejectedException;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import io.vertx.core.http.WebSocketConnectOptions;
import java.time.Duration;
import org.jboss.logging.Logger;

/**
 * Logs, stats, exec and attach: streams that never touch the log, passed through from the node that
 * has the container.
 */
final class StreamRoutes implements AutoCloseable {
  private static final Logger LOG = Logger.getLogger(StreamRoutes.class);
  private static final Duration STARTS_WITHIN = Duration.ofMinutes(2);

  private final ContainerRoutes containers;
  private final FleetProjection projection;
  private final String nodeToken;
  private final HttpClient http;
  private final WebSocketClient sockets;

  StreamRoutes(
      Vertx vertx, ContainerRoutes containers, FleetProjection projection, String nodeToken) {
    this.containers = containers;
    this.projection = projection;
    this.nodeToken = nodeToken;
    this.http = vertx.createHttpClient(new HttpClientOptions());
    this.sockets = vertx.createWebSocketClient();
  }

  void mount(Route route) {
    route.get("/v1/containers/:id/logs", e -> pass(e, "logs"));
    route.get("/v1/containers/:id/stats", e -> pass(e, "stats"));
    route.get("/v1/containers/:id/changes", e -> pass(e, "changes"));
    route.get("/v1/containers/:id/exec", e -> passSocket(e, "exec"));
    route.get("/v1/containers/:id/attach", e -> passSocket(e, "attach"));
  }

  private void pass(Exchange exchange, String what) throws InterruptedException {
    RequestOptions target =
        new RequestOptions()
            .setMethod(HttpMethod.GET)
            .setAbsoluteURI(target(exchange, what))
            .putHeader("Authorization", "Bearer " + nodeToken);
    HttpServerResponse response = exchange.context().response();
    http.request(target)
        .compose(HttpClientRequest::send)
        .compose(answer -> copy(answer, response))
        .onFailure(
            error -> {
              LOG.warnf("node stream failed what=%s error=%s", what, error.getMessage());
              if (response.headWritten()) {
                response.reset();
              } else {
                exchange.refuse(unreachable(error));
              }
            });
  }

  private static Future<Void> copy(HttpClientResponse answer, HttpServerResponse response) {
    response.setStatusCode(answer.statusCode());
    String type = answer.getHeader("Content-Type");
    response.putHeader("Content-Type", type == null ? "application/octet-stream" : type);
    response.setChunked(true);
    // The head goes out now: who follows a quiet container must see that it is being followed.
    response.writeHead();
    response.closeHandler(ignored -> answer.request().reset());
    return answer.pipeTo(response);
  }

  private static Problem unreachable(Throwable error) {
    return new Problem(
        502, "node unreachable", "the container's node doesn't answer: " + error.getMessage());
  }

  /** The stream's address on the container's node; waits until it has one. */
  private String target(Exchange exchange, String what) throws InterruptedException {
    ContainerView asked = containers.find(exchange);
    Fleet fleet =
        projection.await(
            f -> {
              ContainerView c = f.containers().get(asked.id());
              return c == null || !c.node().isEmpty() || c.status().isEnd();
            },
            STARTS_WITHIN);
    ContainerView container = fleet.containers().get(asked.id());
    if (container == null || container.node().isEmpty()) {
      throw new Problem.Raised(
          Problem.conflict(
              "container %s has not been on a node: %s"
                  .formatted(asked.name(), container == null ? "removed" : container.message())));
    }
    NodeView node = fleet.nodes().get(container.node());
    if (node == null) {
      throw new Problem.Raised(
          Problem.notFound("node '%s' has not registered".formatted(container.node())));
    }
    String query = exchange.context().request().query();
    return "%s/node/v1/containers/%s/%s%s"
        .formatted(
            node.registered().getEndpoint(),
            container.id(),
            what,
            query == null ? "" : "?" + query);
  }

  private void passSocket(Exchange exchange, String what) throws InterruptedException {
    var options =
        new WebSocketConnectOptions()
            .setAbsoluteURI(target(exchange, what).replaceFirst("^http", "ws"))
            .putHeader("Authorization", "Bearer " + nodeToken);
    sockets
        .connect(options)
        .onFailure(error -> exchange.refuse(refusal(error)))
        .onSuccess(node -> join(exchange, node));
  }

  private static Problem refusal(Throwable error) {
    return error instanceof UpgradeRejectedException rejected
        ? new Problem(
            rejected.getStatus(),
            "refused by the node",
            rejected.getBody() == null ? "" : rejected.getBody().toString())
        : unreachable(error);
  }

  private static void join(Exchange exchange, WebSocket node) {
    Future<ServerWebSocket> upgrade =
        SocketRelay.join(node, exchange.context().request()::toWebSocket);
    upgrade.onFailure(error -> exchange.refuse(Problem.invalid("expected a WebSocket upgrade")));
  }

  @Override
  public void close() {
    http.close();
    sockets.close();
  }
}
