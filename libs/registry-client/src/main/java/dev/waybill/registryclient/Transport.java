package dev.waybill.registryclient;

import dev.waybill.oci.distribution.RegistryAnswer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpResponse;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/** What connections to registries share: the HTTP client, the watch over stalls, the waiting. */
public final class Transport implements AutoCloseable {
  private final HttpClient http;
  private final ScheduledExecutorService timer =
      Executors.newSingleThreadScheduledExecutor(
          Thread.ofPlatform().daemon().name("registry-stalls").factory());
  private final RedirectPolicy redirects =
      new RedirectPolicy(host -> List.of(InetAddress.getAllByName(host)));
  private final Certificates certificates;
  private final ConnectionLimits limits;
  private final Pause pause;
  private final InstantSource clock;
  private final Bandwidth bandwidth;
  private final Map<BandwidthCap, Bandwidth> capped = new ConcurrentHashMap<>();

  /** Trusts whom the system trusts. */
  public Transport(ConnectionLimits limits, Pause pause, InstantSource clock) {
    this(limits, pause, clock, Certificates.ofSystem(), Bandwidth.unlimited());
  }

  public Transport(
      ConnectionLimits limits,
      Pause pause,
      InstantSource clock,
      Certificates certificates,
      Bandwidth bandwidth) {
    this.certificates = certificates;
    this.bandwidth = bandwidth;
    this.limits = limits;
    this.pause = pause;
    this.clock = clock;
    this.http = settings().build();
  }

  private HttpClient.Builder settings() {
    return HttpClient.newBuilder()
        .connectTimeout(limits.connectTimeout())
        // Redirects are ours to judge; layers come faster on connections of their own.
        .followRedirects(HttpClient.Redirect.NEVER)
        .version(HttpClient.Version.HTTP_1_1);
  }

  ConnectionLimits limits() {
    return limits;
  }

  /** For a request to this address. */
  HttpClient http(URI target) throws IOException {
    return certificates.client(String.valueOf(target.getAuthority()), settings()).orElse(http);
  }

  Origin origin(String apiHost) {
    return certificates.know(apiHost) ? Origin.overTls(apiHost) : Origin.of(apiHost);
  }

  RedirectPolicy redirects() {
    return redirects;
  }

  Pause pause() {
    return pause;
  }

  RegistryAnswer read(HttpResponse<?> response) {
    return RegistryAnswer.read(
        response.statusCode(), name -> response.headers().firstValue(name), clock.instant());
  }

  InputStream guarded(InputStream body) {
    return new StallGuard(body, limits.stallTimeout(), timer);
  }

  /** The same for an answer's content, which comes no faster than that registry's, or the cap. */
  InputStream content(InputStream body, String registry, Optional<BandwidthCap> cap) {
    InputStream paced = guarded(body);
    if (bandwidth.isLimited()) {
      paced = new PacedBody(paced, bandwidth, registry, clock, pause);
    }
    return cap.isPresent()
        ? new PacedBody(paced, within(cap.get()), cap.get().name(), clock, pause)
        : paced;
  }

  /** A name that gets another cap keeps only that: what it had before is of no interest. */
  private Bandwidth within(BandwidthCap cap) {
    Bandwidth known = capped.get(cap);
    if (known != null) {
      return known;
    }
    capped.keySet().removeIf(other -> other.name().equals(cap.name()));
    return capped.computeIfAbsent(
        cap, _ -> Bandwidth.perRegistry(OptionalLong.of(cap.bytesPerSecond())));
  }

  @Override
  public void close() {
    timer.shutdownNow();
    http.shutdownNow();
    certificates.close();
  }
}
