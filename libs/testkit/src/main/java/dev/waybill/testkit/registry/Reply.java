package dev.waybill.testkit.registry;

import com.sun.net.httpserver.HttpExchange;
import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.ErrorCode;
import java.io.IOException;
import java.io.OutputStream;
import java.util.Optional;

/** The answer to one request, sent once. */
final class Reply {
  /** What happens between the last byte that is sent and the end of the connection. */
  interface Pause {
    void run() throws IOException;
  }

  private final HttpExchange exchange;

  Reply(HttpExchange exchange) {
    this.exchange = exchange;
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

  /** The first byte asked for by {@code Range: bytes=N-}; 0 without. */
  int rangeStart() {
    String range = header("Range").orElse("bytes=0-");
    return Integer.parseInt(range.substring("bytes=".length(), range.indexOf('-')));
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

  /** Promises {@code whole} from {@code from} on, sends {@code count} bytes of it and ends. */
  void part(byte[] whole, int from, int count, Pause pause) throws IOException {
    set("Content-Type", "application/octet-stream");
    int promised = whole.length - from;
    if (from > 0) {
      set("Content-Range", "bytes " + from + "-" + (whole.length - 1) + "/" + whole.length);
    }
    if (exchange.getRequestMethod().equals("HEAD") || promised == 0) {
      bytes(from > 0 ? 206 : 200, new byte[0]);
      return;
    }
    exchange.sendResponseHeaders(from > 0 ? 206 : 200, promised);
    OutputStream out = exchange.getResponseBody();
    try {
      out.write(whole, from, count);
      out.flush();
      pause.run();
    } finally {
      exchange.close(); // Fewer bytes than promised: this ends the connection, not the body.
    }
  }
}
