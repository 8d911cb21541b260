package dev.waybill.image.ingest;

import dev.waybill.image.ingest.PullOutcome.Reason;
import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.RegistryAnswer;
import dev.waybill.oci.distribution.RegistryRequest;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;

/**
 * Asks one registry for things, for one pull: logs in when told to, follows redirects, and comes
 * back later when the registry is busy or away.
 */
final class RegistryConnection {
  private static final int ERROR_BYTES_MAX = 64 * 1024;

  private final Transport transport;
  private final Origin origin;
  private final TokenCache tokens;
  private final PullLimits limits;
  private final Backoff backoff;

  RegistryConnection(Transport transport, Origin origin, TokenCache tokens, PullLimits limits) {
    this.transport = transport;
    this.origin = origin;
    this.tokens = tokens;
    this.limits = limits;
    this.backoff = new Backoff(limits.retryDelay(), limits.retryAfterMax());
  }

  /**
   * An answer with content.
   *
   * @param offset of the first byte that follows
   * @param body to be read and closed
   */
  record Opened(long offset, HttpResponse<InputStream> response, InputStream body)
      implements AutoCloseable {
    Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /** Makes the request until there is an answer that says something. */
  Opened open(RegistryRequest request) throws PullFailedException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Duration delay;
      Reason reason;
      String trouble;
      try {
        Step step = once(request);
        switch (step) {
          case Step.Good(var opened) -> {
            return opened;
          }
          case Step.Later(var busy) -> {
            delay = busy.delay();
            reason = Reason.BUSY;
            trouble = "answers " + busy.status();
          }
        }
      } catch (IOException e) {
        delay = Duration.ZERO;
        reason = Reason.UNREACHABLE;
        trouble = describe(e);
      }
      if (attempt >= limits.attemptsMax() || delay.compareTo(limits.retryAfterMax()) > 0) {
        throw new PullFailedException(
            reason,
            "registry "
                + origin.base().getAuthority()
                + " "
                + trouble
                + " after "
                + attempt
                + " attempts, asked for "
                + request.path());
      }
      transport.pause().forAbout(backoff.after(attempt, delay));
    }
  }

  private static String describe(IOException e) {
    Throwable deepest = e;
    while (deepest.getCause() != null) {
      deepest = deepest.getCause();
    }
    String message = deepest.getMessage();
    return "fails: " + (message == null ? deepest.getClass().getSimpleName() : message);
  }

  /** What one attempt comes to, if not to a failure. */
  private sealed interface Step {
    record Good(Opened opened) implements Step {}

    record Later(RegistryAnswer.Busy busy) implements Step {}
  }

  private Step once(RegistryRequest request)
      throws IOException, PullFailedException, InterruptedException {
    URI target = origin.resolve(request.path());
    boolean loggedIn = false;
    for (int hops = 0; ; ) {
      HttpResponse<InputStream> response = send(request, target);
      RegistryAnswer answer = transport.read(response);
      switch (answer) {
        case RegistryAnswer.Whole() -> {
          return new Step.Good(opened(0, response));
        }
        case RegistryAnswer.Part(var offset) -> {
          return new Step.Good(opened(offset, response));
        }
        case RegistryAnswer.Busy busy -> {
          discard(response);
          return new Step.Later(busy);
        }
        case RegistryAnswer.Redirected(var location) -> {
          discard(response);
          if (++hops > limits.redirectsMax()) {
            throw new PullFailedException(
                Reason.REDIRECT_REFUSED, "more than " + limits.redirectsMax() + " redirects");
          }
          target = follow(target, location);
        }
        case RegistryAnswer.Unauthorized unauthorized -> {
          String said = discard(response);
          if (loggedIn || !isOrigin(target)) {
            throw refused(Reason.UNAUTHORIZED, "refuses the log-in for", request, said);
          }
          tokens.logIn(unauthorized, request.scope());
          loggedIn = true;
        }
        case RegistryAnswer.Absent() ->
            throw refused(Reason.NOT_FOUND, "has no", request, discard(response));
        case RegistryAnswer.Forbidden() ->
            throw refused(Reason.UNAUTHORIZED, "forbids", request, discard(response));
        case RegistryAnswer.Unexpected(var status) ->
            throw refused(
                Reason.UNREACHABLE, "answers " + status + " to", request, discard(response));
      }
    }
  }

  private Opened opened(long offset, HttpResponse<InputStream> response) {
    return new Opened(offset, response, transport.guarded(response.body()));
  }

  private HttpResponse<InputStream> send(RegistryRequest request, URI target)
      throws IOException, InterruptedException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(target)
            .timeout(limits.answerTimeout())
            .method(request.method(), HttpRequest.BodyPublishers.noBody());
    request.headers().forEach(builder::header);
    if (isOrigin(target)) { // A log-in is for the registry, not for where it sends us.
      tokens.header(request.scope()).ifPresent(value -> builder.header("Authorization", value));
    }
    return transport.http().send(builder.build(), BodyHandlers.ofInputStream());
  }

  private boolean isOrigin(URI target) {
    return origin.base().getRawAuthority().equals(target.getRawAuthority())
        && origin.base().getScheme().equals(target.getScheme());
  }

  private URI follow(URI from, String location) throws PullFailedException {
    URI target;
    try {
      target = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new PullFailedException(
          Reason.REDIRECT_REFUSED, "redirect to no address: '" + location + "'", e);
    }
    Optional<String> objection = transport.redirects().objection(origin, target);
    if (objection.isPresent()) {
      throw new PullFailedException(
          Reason.REDIRECT_REFUSED,
          "registry " + origin.base().getAuthority() + " redirects us, but " + objection.get());
    }
    return target;
  }

  private PullFailedException refused(
      Reason reason, String verb, RegistryRequest request, String said) {
    return new PullFailedException(
        reason,
        "registry "
            + origin.base().getAuthority()
            + " "
            + verb
            + " "
            + request.path()
            + (said.isEmpty() ? "" : " (" + said + ")"));
  }

  /** Reads what an answer without content says, and lets the connection go. */
  private String discard(HttpResponse<InputStream> response) throws IOException {
    try (InputStream body = transport.guarded(response.body())) {
      return ErrorBody.summary(body.readNBytes(ERROR_BYTES_MAX));
    }
  }
}
