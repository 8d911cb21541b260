package dev.waybill.registrysync.edge;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.CredentialsUnusableException;
import dev.waybill.registryclient.SealedLogins;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jboss.logging.Logger;

/**
 * /v1/logins. A password comes in here and goes into the sealed file: it passes no database, no
 * outbox and no log, and no answer and no complaint repeats a body.
 */
final class LoginRoutes {
  private static final Logger LOG = Logger.getLogger(LoginRoutes.class);
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int BODY_BYTES_MAX = 64 * 1024;
  private static final Pattern HOST = Pattern.compile("[A-Za-z0-9.-]{1,253}(:[0-9]{1,5})?");
  private static final Pattern NAMESPACE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
  private static final int USER_MAX = 256;
  private static final int PASSWORD_MAX = 16 * 1024;

  private final SealedLogins logins;
  private final LoginWatch watch;
  private final byte[] token;

  LoginRoutes(SealedLogins logins, LoginWatch watch, String token) {
    this.logins = logins;
    this.watch = watch;
    this.token = token.getBytes(StandardCharsets.UTF_8);
  }

  /** A request that can't be done as it was asked. */
  private static final class Refused extends RuntimeException {
    private static final long serialVersionUID = 1L;
    private final int status;

    Refused(int status, String message) {
      super(message);
      this.status = status;
    }
  }

  private interface Work {
    JsonNode answer(RoutingContext context) throws IOException;
  }

  void mount(Router router) {
    router.get("/v1/logins").handler(context -> start(context, this::list));
    router
        .post("/v1/logins")
        .handler(BodyHandler.create(false).setBodyLimit(BODY_BYTES_MAX))
        .handler(context -> start(context, this::store));
    router.delete("/v1/logins").handler(context -> start(context, this::remove));
  }

  private void start(RoutingContext context, Work work) {
    String header = context.request().getHeader("Authorization");
    String given = header != null && header.startsWith("Bearer ") ? header.substring(7) : "";
    if (!MessageDigest.isEqual(token, given.getBytes(StandardCharsets.UTF_8))) {
      refuse(context, 401, "send the header 'Authorization: Bearer TOKEN'");
      return;
    }
    Thread.ofVirtual().name("logins").start(() -> run(context, work));
  }

  private static void run(RoutingContext context, Work work) {
    try {
      String answer = work.answer(context).toString();
      context.response().putHeader("Content-Type", "application/json").end(answer);
    } catch (Refused e) {
      refuse(context, e.status, String.valueOf(e.getMessage()));
    } catch (IOException | CredentialsUnusableException e) {
      LOG.errorf(e, "log-ins can't be changed");
      refuse(context, 500, String.valueOf(e.getMessage()));
    }
  }

  private static void refuse(RoutingContext context, int status, String detail) {
    ObjectNode problem = JSON.createObjectNode();
    problem.put("title", "log-ins").put("status", status).put("detail", detail);
    context
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "application/problem+json")
        .end(problem.toString());
  }

  private JsonNode list(RoutingContext context) {
    ArrayNode list = JSON.createArrayNode();
    for (SealedLogins.Entry entry : logins.list()) {
      list.addObject()
          .put("host", entry.host())
          .put("namespace", entry.namespace())
          .put("user", entry.user())
          .put("revision", entry.revision());
    }
    return list;
  }

  private JsonNode store(RoutingContext context) throws IOException {
    JsonNode body;
    try {
      body = JSON.readTree(Optional.ofNullable(context.body().asString()).orElse(""));
    } catch (JsonProcessingException e) {
      throw new Refused(400, "the body is not JSON");
    }
    String host = host(body.path("host").asText(""));
    String namespace = namespace(body.path("namespace").asText(""));
    String user = body.path("user").asText("");
    String password = body.path("password").asText("");
    if (user.isEmpty() || user.length() > USER_MAX || user.indexOf(':') >= 0) {
      throw new Refused(400, "user must have 1 to %d characters and no ':'".formatted(USER_MAX));
    }
    if (password.isEmpty() || password.length() > PASSWORD_MAX) {
      throw new Refused(400, "password must have 1 to %d characters".formatted(PASSWORD_MAX));
    }
    try {
      logins.put(host, namespace, new Login(user, password));
    } catch (IllegalStateException full) {
      throw new Refused(409, String.valueOf(full.getMessage()));
    }
    watch.wake();
    return JSON.createObjectNode().put("host", host).put("namespace", namespace).put("user", user);
  }

  private JsonNode remove(RoutingContext context) throws IOException {
    String host = host(query(context, "host"));
    String namespace = namespace(query(context, "namespace"));
    if (!logins.remove(host, namespace)) {
      throw new Refused(
          404,
          "no log-in for %s %s, see 'waybill registry logins'"
              .formatted(
                  host, namespace.isEmpty() ? "and all namespaces" : "in namespace " + namespace));
    }
    watch.wake();
    return JSON.createObjectNode().put("host", host).put("namespace", namespace);
  }

  private static String query(RoutingContext context, String name) {
    return Optional.ofNullable(context.request().getParam(name)).orElse("");
  }

  private static String host(String given) {
    if (!HOST.matcher(given).matches()) {
      throw new Refused(400, "host '%s' must be HOST or HOST:PORT".formatted(given));
    }
    return Reference.canonicalHost(given);
  }

  private static String namespace(String given) {
    if (!given.isEmpty() && !NAMESPACE.matcher(given).matches()) {
      throw new Refused(400, "namespace '%s' is no name".formatted(given));
    }
    return given;
  }
}
