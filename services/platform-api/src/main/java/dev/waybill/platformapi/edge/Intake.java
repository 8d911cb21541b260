package dev.waybill.platformapi.edge;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.kernel.Digest;
import dev.waybill.platformapi.edge.IntentStore.Asker;
import dev.waybill.platformapi.edge.IntentStore.Transaction;
import dev.waybill.platformapi.intent.Problem;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.Optional;

/** Takes intent from requests: one transaction each, and one answer for one idempotency key. */
final class Intake {
  /** The header that makes a repeated request harmless. */
  static final String IDEMPOTENCY_KEY = "Idempotency-Key";

  private final IntentStore store;

  /** Work that answers with JSON. */
  interface Work {
    ObjectNode in(Transaction transaction) throws SQLException;
  }

  Intake(IntentStore store) {
    this.store = store;
  }

  /** Does the work and answers with {@code status}, or answers as the first time. */
  void take(Exchange exchange, int status, Work work) {
    Optional<String> key =
        Optional.ofNullable(exchange.context().request().getHeader(IDEMPOTENCY_KEY));
    String json =
        store.transact(
            asker(exchange),
            transaction -> {
              if (key.isEmpty()) {
                return Exchange.text(work.in(transaction));
              }
              return once(exchange, key.get(), status, transaction, work);
            });
    exchange.answer(status, json);
  }

  private static String once(
      Exchange exchange, String key, int status, Transaction transaction, Work work)
      throws SQLException {
    String hash = requestHash(exchange);
    Optional<String> earlier =
        transaction.find(
            "select request_hash || answer from platform_api.idempotency where key = ?", key);
    if (earlier.isPresent()) {
      if (!earlier.get().startsWith(hash)) {
        throw new Problem.Raised(
            new Problem(
                422,
                "idempotency key used before",
                "key '%s' came with another request, use a new one".formatted(key)));
      }
      return earlier.get().substring(hash.length());
    }
    String answer = Exchange.text(work.in(transaction));
    transaction.update(
        "insert into platform_api.idempotency (key, request_hash, status, answer, made)"
            + " values (?, ?, ?, ?, now())",
        key,
        hash,
        status,
        answer);
    return answer;
  }

  private static String requestHash(Exchange exchange) {
    String request =
        exchange.context().request().method()
            + " "
            + exchange.context().request().uri()
            + "\n"
            + exchange.bodyText();
    return Digest.of(request.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** The id of a container that was accepted and isn't removed, by its id or name. */
  Optional<String> containerId(String idOrName) {
    return store.transact(
        new Asker("system/platform-api", null),
        transaction ->
            transaction.find(
                "select id from platform_api.container_intent where id = ? or name = ?",
                idOrName,
                idOrName));
  }

  private static Asker asker(Exchange exchange) {
    return new Asker("user/admin", Traces.of(exchange));
  }
}
