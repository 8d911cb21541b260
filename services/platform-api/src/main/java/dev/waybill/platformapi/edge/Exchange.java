package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.util.JsonFormat;
import dev.waybill.platformapi.intent.Intents;
import dev.waybill.platformapi.intent.Problem;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;

/** One request and its answer. */
final class Exchange {
  static final ObjectMapper JSON = new ObjectMapper();

  private final RoutingContext context;

  Exchange(RoutingContext context) {
    this.context = context;
  }

  RoutingContext context() {
    return context;
  }

  /** A part of the path. */
  String path(String name) {
    return Objects.requireNonNull(context.pathParam(name), "the route has no parameter " + name);
  }

  Optional<String> query(String name) {
    return Optional.ofNullable(context.request().getParam(name)).filter(text -> !text.isEmpty());
  }

  boolean flag(String name) {
    return query(name).map(text -> !text.equals("false") && !text.equals("0")).orElse(false);
  }

  /** The namespace that the query names, or the default one. */
  String namespace() {
    return query("namespace").orElse(Intents.DEFAULT_NAMESPACE);
  }

  /** Milliseconds from the query, bounded. */
  Duration timeout(Duration otherwise, Duration atMost) {
    return query("timeoutMs")
        .map(text -> Duration.ofMillis(number("timeoutMs", text)))
        .map(asked -> asked.compareTo(atMost) > 0 ? atMost : asked)
        .orElse(otherwise);
  }

  static long number(String name, String text) {
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw new Problem.Raised(Problem.invalid(name + " '" + text + "' is no whole number"));
    }
  }

  /**
   * The body as a message of the type of {@code empty}.
   *
   * @throws Problem.Raised 400 naming the field that is unknown or wrong
   */
  @SuppressWarnings("unchecked")
  <M extends Message> M body(M empty) {
    String text = bodyText();
    Message.Builder builder = empty.newBuilderForType();
    try {
      JsonFormat.parser().merge(text.isBlank() ? "{}" : text, builder);
      return (M) builder.build();
    } catch (InvalidProtocolBufferException e) {
      throw new Problem.Raised(Problem.invalid(readable(String.valueOf(e.getMessage()))));
    }
  }

  String bodyText() {
    String text = context.body().asString();
    return text == null ? "" : text;
  }

  private static String readable(String parserMessage) {
    if (parserMessage.startsWith("Cannot find field: ")) {
      String field = parserMessage.substring("Cannot find field: ".length()).split(" ", 2)[0];
      return "unknown field '" + field + "', see /openapi.yaml for those that exist";
    }
    return parserMessage
        .replace("com.google.gson.stream.MalformedJsonException: ", "malformed JSON: ")
        .lines()
        .findFirst()
        .orElse("malformed JSON");
  }

  String bearerToken() {
    String header = context.request().getHeader("Authorization");
    return header != null && header.startsWith("Bearer ") ? header.substring(7) : "";
  }

  /** What the caller proves itself with: a header, or a query where headers can't be set. */
  String token() {
    return bearerToken().isEmpty() ? query("access_token").orElse("") : bearerToken();
  }

  void answer(int status, JsonNode body) {
    answer(status, text(body));
  }

  void answer(int status, String json) {
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/json")
        .end(Buffer.buffer(json));
  }

  void empty(int status) {
    context.response().setStatusCode(status).end();
  }

  void refuse(Problem problem) {
    ObjectNode body = JSON.createObjectNode();
    body.put("title", problem.title());
    body.put("status", problem.status());
    body.put("detail", problem.detail());
    context
        .response()
        .setStatusCode(problem.status())
        .putHeader("Content-Type", "application/problem+json")
        .end(text(body));
  }

  static String text(JsonNode body) {
    try {
      return JSON.writeValueAsString(body);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree of JSON nodes must print", e);
    }
  }
}
