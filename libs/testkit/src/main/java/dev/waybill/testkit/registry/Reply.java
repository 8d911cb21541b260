package dev.waybill.testkit.registry;

import com.sun.net.httpserver.HttpExchange;
import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.LongConsumer;

/** The answer to one request, sent once. */
final class Reply {
  /** What happens between the last byte that is sent and the end of the connection. */
  interface Pause {
    void run() throws IOException;
  }

  private final HttpExchange exchange;
  private final LongConsumer sent;

  /**
   * @param sent told how many bytes of blobs went out
   */
  Reply(HttpExchange exchange, LongConsumer sent) {
    this.exchange = exchange;
    this.sent = sent;
  }

  Optional<String> header(String name) {
    return Optional.ofNullable(exchange.getRequestHeaders().getFirst(name));
  }

  Optional<String> query(String name) {
    String query = exchange.getRequestURI().getQuery();
    for (String pair : query == null ? new String[0] : query.split("&")) {
      if (pair.startsWith(name + "=")) {
        return Optional.of(pair.substring(name.length() + 1));
      }
    }
    return Optional.empty();
  }

  String path() {
    return exchange.getRequestURI().toString();
  }

  byte[] body() throws IOException {
    return exchange.getRequestBody().readAllBytes();
  }

  /** The first byte asked for by {@code Range: bytes=N-} or {@code bytes=N-M}; 0 without. */
  int rangeStart() {
    String range = header("Range").orElse("bytes=0-");
    return Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
  }

  /** The byte after the last one asked for, at most {@code length}. */
  int rangeEnd(int length) {
    String range = header("Range").orElse("-");
    String last = range.substring(range.indexOf('-') + 1);
    return last.isEmpty() ? length : Math.min(length, Integer.parseInt(last) + 1);
  }

  void set(String name, String value) {
    exchange.getResponseHeaders().set(name, value);
  }

  void empty(int status) throws IOException {
    exchange.sendResponseHeaders(status, -1);
    exchange.close();
  }

  void json(int status, String text) throws IOException {
    set("Content-Type", "application/json");
    bytes(status, RegistryHandler.utf8(text));
  }

  void error(int status, ErrorCode code) throws IOException {
    set("Content-Type", ErrorBody.CONTENT_TYPE);
    bytes(status, ErrorBody.write(code, "loopback registry"));
  }

  void busy(Fault.Busy busy) throws IOException {
    if (!busy.retryAfter().isZero()) {
      set("Retry-After", Long.toString(busy.retryAfter().toSeconds()));
    }
    error(busy.status(), ErrorCode.TOOMANYREQUESTS);
  }

  void bytes(int status, byte[] content) throws IOException {
    if (exchange.getRequestMethod().equals("HEAD")) {
      set("Content-Length", Integer.toString(content.length));
      empty(status);
      return;
    }
    exchange.sendResponseHeaders(status, content.length == 0 ? -1 : content.length);
    try (OutputStream out = exchange.getResponseBody()) {
      out.write(content);
    }
  }

  /**
   * Promises {@code whole} between {@code from} and {@code to}, sends {@code count} bytes of it and
   * ends.
   */
  void part(byte[] whole, int from, int to, int count, Pause pause) throws IOException {
    set("Content-Type", "application/octet-stream");
    boolean isPart = from > 0 || to < whole.length;
    if (isPart) {
      set("Content-Range", "bytes " + from + "-" + (to - 1) + "/" + whole.length);
    }
    if (exchange.getRequestMethod().equals("HEAD") || to == from) {
      bytes(isPart ? 206 : 200, new byte[0]);
      return;
    }
    exchange.sendResponseHeaders(isPart ? 206 : 200, to - from);
    OutputStream out = exchange.getResponseBody();
    try {
      sent.accept(count);
      out.write(whole, from, count);
      out.flush();
      pause.run();
    } finally {
      exchange.close(); // Fewer bytes than promised: this ends the connection, not the body.
    }
  }
}
