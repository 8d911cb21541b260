package dev.waybill.cli.warm;

import dev.waybill.cli.caller.Caller;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** One command for one caller, from its first frame to its exit code. */
final class WarmCall implements Caller.Terminal {
  private static final System.Logger LOG = System.getLogger(WarmCall.class.getName());

  private final SocketChannel connection;
  private final WarmServer.Command command;
  private final CallerInput input = new CallerInput(() -> send(Frame.WANT_INPUT));
  private volatile Optional<Size> size = Optional.empty();
  private volatile Consumer<Size> resized = ignored -> {};

  WarmCall(SocketChannel connection, WarmServer.Command command) {
    this.connection = connection;
    this.command = command;
  }

  /** Runs it; a caller that goes away interrupts it. */
  void run() {
    try (connection) {
      Frame first = Frame.read(connection);
      if (first == null || first.type() != Frame.CALL) {
        return;
      }
      CallHeader header = CallHeader.parse(first.payload());
      size = header.size();
      Thread runner = Thread.currentThread();
      Thread reader = Thread.ofVirtual().name("caller").start(() -> follow(runner));
      int code = caller(header).run(() -> command.run(header.arguments().toArray(String[]::new)));
      send(Frame.EXIT, (byte) code);
      reader.interrupt();
    } catch (IOException e) {
      // Its caller is gone, and with it everybody who could be told.
      LOG.log(System.Logger.Level.DEBUG, "a caller went away", e);
    }
  }

  private Caller caller(CallHeader header) {
    return new Caller(
        input,
        stream(Frame.OUT),
        stream(Frame.ERR),
        header.directory(),
        header.environment(),
        this);
  }

  private void follow(Thread runner) {
    try {
      for (Frame frame = next(); frame != null; frame = next()) {
        switch (frame.type()) {
          case Frame.INPUT -> input.offer(frame.payload());
          case Frame.SIZE -> {
            ByteBuffer numbers = ByteBuffer.wrap(frame.payload());
            var now = new Size(numbers.getShort(), numbers.getShort());
            size = Optional.of(now);
            resized.accept(now);
          }
          default -> throw new IOException("unexpected frame " + frame.type());
        }
      }
    } catch (IOException | InterruptedException e) {
      LOG.log(System.Logger.Level.DEBUG, "a caller isn't followed any more", e);
    }
    runner.interrupt();
  }

  private @Nullable Frame next() throws IOException {
    return Frame.read(connection);
  }

  private PrintStream stream(char type) {
    var frames =
        new OutputStream() {
          @Override
          public void write(int b) throws IOException {
            send(type, (byte) b);
          }

          @Override
          public void write(byte[] bytes, int offset, int length) throws IOException {
            sendPart(type, bytes, offset, length);
          }
        };
    return new PrintStream(frames, true, StandardCharsets.UTF_8);
  }

  private void send(char type, byte... payload) throws IOException {
    sendPart(type, payload, 0, payload.length);
  }

  private synchronized void sendPart(char type, byte[] bytes, int offset, int length)
      throws IOException {
    ByteBuffer frame = Frame.encode(type, bytes, offset, length);
    while (frame.hasRemaining()) {
      connection.write(frame);
    }
  }

  @Override
  public Raw raw() {
    if (size.isEmpty()) {
      return () -> {};
    }
    setRaw(true);
    return () -> setRaw(false);
  }

  private void setRaw(boolean raw) {
    try {
      send(Frame.RAW, (byte) (raw ? 1 : 0));
    } catch (IOException e) {
      throw new UncheckedIOException("the caller went away", e);
    }
  }

  @Override
  public Optional<Size> size() {
    return size;
  }

  @Override
  public void onResize(Consumer<Size> listener) {
    resized = listener;
  }
}
