package dev.waybill.cli.container;

import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.caller.Caller.Terminal;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.jspecify.annotations.Nullable;

/**
 * The streams of a process over a WebSocket: each message is the stream's number and bytes.
 *
 * <p>Streams: 0 input, 1 output, 2 errors, 3 the terminal's size, 4 the exit code, 5 end of input.
 */
final class Session implements WebSocket.Listener {
  private static final int STDIN = 0;
  private static final int STDERR = 2;
  private static final int RESIZE = 3;
  private static final int EXIT = 4;
  private static final int STDIN_END = 5;
  private static final int INPUT_BYTES = 16 * 1024;

  private final PrintStream out;
  private final PrintStream err;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();
  private final CompletableFuture<Integer> exitCode = new CompletableFuture<>();

  Session(PrintStream out, PrintStream err) {
    this.out = out;
    this.err = err;
  }

  @Override
  public @Nullable CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    message.writeBytes(bytes);
    if (last) {
      take(message.toByteArray());
      message.reset();
    }
    socket.request(1);
    return null;
  }

  private void take(byte[] frame) {
    if (frame.length == 0) {
      return;
    }
    switch (frame[0]) {
      case EXIT -> exitCode.complete(ByteBuffer.wrap(frame, 1, frame.length - 1).getInt());
      case STDERR -> write(err, frame);
      default -> write(out, frame);
    }
  }

  private static void write(PrintStream to, byte[] frame) {
    to.write(frame, 1, frame.length - 1);
    to.flush();
  }

  @Override
  public @Nullable CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
    exitCode.completeExceptionally(new IOException("the platform closed the session"));
    return null;
  }

  @Override
  public void onError(WebSocket socket, Throwable error) {
    exitCode.completeExceptionally(error);
  }

  /** Completes with the exit code, or fails when the session breaks. */
  CompletableFuture<Integer> exitCode() {
    return exitCode;
  }

  /** Sends this program's input until it ends, on a thread of its own. */
  static void sendInput(WebSocket socket, InputStream in) {
    Thread.ofPlatform()
        .daemon()
        .name("input")
        .start(
            () -> {
              try {
                byte[] buffer = new byte[INPUT_BYTES];
                for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                  send(socket, STDIN, ByteBuffer.wrap(buffer, 0, read));
                }
                endInput(socket);
              } catch (IOException e) {
                endInput(socket);
              }
            });
  }

  static void endInput(WebSocket socket) {
    send(socket, STDIN_END, ByteBuffer.allocate(0));
  }

  /** Gives the process the terminal's size, now and whenever it changes. */
  static void followSize(WebSocket socket, Terminal terminal) {
    terminal.onResize(size -> resize(socket, size));
    terminal.size().ifPresent(size -> resize(socket, size));
  }

  private static void resize(WebSocket socket, Terminal.Size size) {
    ByteBuffer payload = ByteBuffer.allocate(4);
    payload.putShort((short) size.rows()).putShort((short) size.columns()).flip();
    send(socket, RESIZE, payload);
  }

  private static void send(WebSocket socket, int stream, ByteBuffer payload) {
    ByteBuffer frame = ByteBuffer.allocate(1 + payload.remaining());
    frame.put((byte) stream).put(payload).flip();
    // The socket takes one message at a time; input and sizes come from threads of their own.
    synchronized (socket) {
      socket.sendBinary(frame, true).join();
    }
  }

  /** The path of a session with its parameters. */
  static String path(String container, String what, String parameters) {
    return "/v1/containers/" + ApiClient.encode(container) + "/" + what + "?" + parameters;
  }
}
