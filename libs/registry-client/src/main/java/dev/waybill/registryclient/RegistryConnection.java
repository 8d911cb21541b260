package dev.waybill.registryclient;

import dev.waybill.oci.distribution.ErrorBody;
import dev.waybill.oci.distribution.RegistryAnswer;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.registryclient.Credentials.Login;
import dev.waybill.registryclient.RegistryFailedException.Trouble;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Asks one registry for things, for one errand: logs in when told to, follows redirects, and comes
 * back later when the registry is busy or away.
 */
public final class RegistryConnection {
  private static final int ERROR_BYTES_MAX = 64 * 1024;

  private final Transport transport;
  private final Origin origin;
  private final TokenCache tokens;
  private final ConnectionLimits limits;
  private final Backoff backoff;
  private final Optional<BandwidthCap> cap;

  /**
   * To the registry that serves its API at {@code apiHost}.
   *
   * @param login to be used if the registry asks for one
   */
  public RegistryConnection(Transport transport, String apiHost, Optional<Login> login) {
    this(transport, apiHost, login, Optional.empty());
  }

  /**
   * The same.
   *
   * @param cap on what comes over this connection and others that have it
   */
  public RegistryConnection(
      Transport transport, String apiHost, Optional<Login> login, Optional<BandwidthCap> cap) {
    this(transport, transport.origin(apiHost), login, cap);
  }

  /** To the platform's own registry at this address, whatever its scheme: who runs it chose it. */
  public RegistryConnection(Transport transport, URI own, Login login) {
    this(transport, new Origin(own), Optional.of(login), Optional.empty());
  }

  private RegistryConnection(
      Transport transport, Origin origin, Optional<Login> login, Optional<BandwidthCap> cap) {
    this.cap = cap;
    this.transport = transport;
    this.origin = origin;
    this.limits = transport.limits();
    this.tokens = new TokenCache(transport, origin, login, limits);
    this.backoff = new Backoff(limits.retryDelay(), limits.retryAfterMax());
  }

  /**
   * An answer with content.
   *
   * @param offset of the first byte that follows
   * @param body to be read and closed
   */
  public record Opened(long offset, HttpResponse<InputStream> response, InputStream body)
      implements AutoCloseable {
    public Optional<String> header(String name) {
      return response.headers().firstValue(name);
    }

    @Override
    public void close() throws IOException {
      body.close();
    }
  }

  /**
   * Makes the request until there is an answer that says something.
   *
   * @throws RegistryFailedException if the registry has no good answer, or none at all
   */
  public Opened open(RegistryRequest request) throws RegistryFailedException, InterruptedException {
    return open(request, BodyPublishers::noBody);
  }

  /**
   * The same with a body, which is asked for anew with each attempt.
   *
   * @throws RegistryFailedException if the registry has no good answer, or none at all
   */
  public Opened open(RegistryRequest request, Supplier<BodyPublisher> body)
      throws RegistryFailedException, InterruptedException {
    for (int attempt = 1; ; attempt++) {
      Duration delay;
      Trouble kind;
      String trouble;
      try {
        Step step = once(request, body);
        switch (step) {
          case Step.Good(var opened) -> {
            return opened;
          }
          case Step.Later(var busy) -> {
            delay = busy.delay();
            kind = Trouble.BUSY;
            trouble = "answers " + busy.status();
          }
        }
      } catch (IOException e) {
        delay = Duration.ZERO;
        kind = Trouble.UNREACHABLE;
        trouble = describe(e);
      }
      if (attempt >= limits.attemptsMax() || delay.compareTo(limits.retryAfterMax()) > 0) {
        throw new RegistryFailedException(
            kind,
            "registry "
                + origin.base().getAuthority()
                + " "
                + trouble
                + " after "
                + attempt
                + " attempts, asked for "
                + request.path(),
            delay);
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

  private Step once(RegistryRequest request, Supplier<BodyPublisher> body)
      throws IOException, RegistryFailedException, InterruptedException {
    URI target = origin.resolve(request.path());
    boolean loggedIn = false;
    for (int hops = 0; ; ) {
      HttpResponse<InputStream> response = send(request, body.get(), target);
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
            throw new RegistryFailedException(
                Trouble.REDIRECT_REFUSED, "more than " + limits.redirectsMax() + " redirects");
          }
          target = follow(target, location);
        }
        case RegistryAnswer.Unauthorized unauthorized -> {
          String said = discard(response);
          if (loggedIn || !isOrigin(target)) {
            throw refused(Trouble.UNAUTHORIZED, "refuses the log-in for", request, said);
          }
          tokens.logIn(unauthorized, request.scope());
          loggedIn = true;
        }
        case RegistryAnswer.Absent() ->
            throw refused(Trouble.NOT_FOUND, "has no", request, discard(response));
        case RegistryAnswer.Forbidden() ->
            throw refused(Trouble.UNAUTHORIZED, "forbids", request, discard(response));
        case RegistryAnswer.Unexpected(var status) ->
            throw refused(
                Trouble.UNREACHABLE, "answers " + status + " to", request, discard(response));
      }
    }
  }

  private Opened opened(long offset, HttpResponse<InputStream> response) {
    return new Opened(
        offset, response, transport.content(response.body(), origin.base().getAuthority(), cap));
  }

  private HttpResponse<InputStream> send(RegistryRequest request, BodyPublisher body, URI target)
      throws IOException, InterruptedException {
    HttpRequest.Builder builder =
        HttpRequest.newBuilder(target)
            .timeout(limits.answerTimeout())
            .method(request.method(), body);
    request.headers().forEach(builder::header);
    if (isOrigin(target)) { // A log-in is for the registry, not for where it sends us.
      tokens.header(request.scope()).ifPresent(value -> builder.header("Authorization", value));
    }
    return transport.http(target).send(builder.build(), BodyHandlers.ofInputStream());
  }

  private boolean isOrigin(URI target) {
    return origin.base().getRawAuthority().equals(target.getRawAuthority())
        && origin.base().getScheme().equals(target.getScheme());
  }

  private URI follow(URI from, String location) throws RegistryFailedException {
    URI target;
    try {
      target = from.resolve(location);
    } catch (IllegalArgumentException e) {
      throw new RegistryFailedException(
          Trouble.REDIRECT_REFUSED, "redirect to no address: '" + location + "'", e);
    }
    Optional<String> objection = transport.redirects().objection(origin, target);
    if (objection.isPresent()) {
      throw new RegistryFailedException(
          Trouble.REDIRECT_REFUSED,
          "registry " + origin.base().getAuthority() + " redirects us, but " + objection.get());
    }
    return target;
  }

  private RegistryFailedException refused(
      Trouble kind, String verb, RegistryRequest request, String said) {
    return new RegistryFailedException(
        kind,
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
