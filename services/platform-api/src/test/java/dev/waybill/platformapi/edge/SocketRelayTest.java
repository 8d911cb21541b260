package dev.waybill.platformapi.edge;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketClient;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SocketRelayTest {
  private static final int LOOK_MS = 5;
  private static final String END = "(end)";

  private final Vertx vertx = Vertx.vertx();
  private final WebSocketClient client = vertx.createWebSocketClient();
  private final BlockingQueue<String> seen = new LinkedBlockingQueue<>();

  @AfterEach
  void stop() throws Exception {
    await(vertx.close());
  }

  @Test
  void what_a_node_said_before_it_closed_arrives_though_the_client_comes_later() throws Exception {
    int node = server(SocketRelayTest::sayTwoWordsAndClose);
    int relay = server(request -> relay(request.pause(), node));

    client
        .connect(relay, "127.0.0.1", "/")
        .onSuccess(
            socket -> {
              socket.binaryMessageHandler(message -> seen.add(message.toString()));
              socket.endHandler(_ -> seen.add(END));
            });

    for (String expected : List.of("one", "two", END)) {
      assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(expected);
    }
  }

  /** The client's end comes only once the node has closed. */
  private void relay(HttpServerRequest request, int node) {
    client
        .connect(node, "127.0.0.1", "/")
        .onSuccess(
            opened ->
                SocketRelay.join(opened, () -> closed(opened).compose(_ -> request.toWebSocket()))
                    .onFailure(error -> seen.add(error.toString())));
  }

  private static void sayTwoWordsAndClose(HttpServerRequest request) {
    request
        .toWebSocket()
        .onSuccess(
            socket -> {
              socket.writeBinaryMessage(Buffer.buffer("one"));
              socket.writeBinaryMessage(Buffer.buffer("two"));
              socket.close();
            });
  }

  /** Completes once the other side's close was heard. */
  private Future<Void> closed(WebSocket socket) {
    Promise<Void> closed = Promise.promise();
    vertx.setPeriodic(
        LOOK_MS,
        timer -> {
          if (socket.isClosed() && vertx.cancelTimer(timer)) {
            closed.complete();
          }
        });
    return closed.future();
  }

  private interface Answer {
    void to(HttpServerRequest request);
  }

  private int server(Answer answer) throws Exception {
    return await(vertx.createHttpServer().requestHandler(answer::to).listen(0, "127.0.0.1"))
        .actualPort();
  }

  private static <T> T await(Future<T> future) throws Exception {
    return future.toCompletionStage().toCompletableFuture().get(10, TimeUnit.SECONDS);
  }
}
