package dev.waybill.platformapi.edge;

import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.http.WebSocket;
import io.vertx.core.http.WebSocketBase;
import java.util.function.Supplier;

/**
 * Two ends of one session. A short program has said everything, and its node has closed, before the
 * client's end is there: a socket's end comes after its messages, its close may come before them.
 */
final class SocketRelay {
  private SocketRelay() {}

  /**
   * Joins them; fails, and closes the node's end, where there is no client's end to be had.
   *
   * @param node just opened
   */
  static Future<ServerWebSocket> join(WebSocket node, Supplier<Future<ServerWebSocket>> client) {
    node.pause();
    Future<ServerWebSocket> upgrade = client.get();
    // Now, for a socket that was closed takes no handlers; until it is resumed they see nothing.
    node.binaryMessageHandler(message -> pass(message, node, upgrade.result()));
    node.endHandler(ignored -> upgrade.onSuccess(ServerWebSocket::close));
    node.exceptionHandler(ignored -> upgrade.onSuccess(ServerWebSocket::close));
    return upgrade
        .onFailure(ignored -> node.close())
        .onSuccess(
            there -> {
              there.binaryMessageHandler(message -> pass(message, there, node));
              // What a client that left has sent before need not reach anybody.
              there.closeHandler(ignored -> node.close());
              there.exceptionHandler(ignored -> node.close());
              node.resume();
            });
  }

  private static void pass(Buffer message, WebSocketBase from, WebSocketBase to) {
    to.writeBinaryMessage(message);
    if (to.writeQueueFull()) {
      from.pause();
      to.drainHandler(ignored -> from.resume());
    }
  }
}
