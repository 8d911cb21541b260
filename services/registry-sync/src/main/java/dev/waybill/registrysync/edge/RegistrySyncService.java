package dev.waybill.registrysync.edge;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.decider.DeciderLoop;
import dev.waybill.eventlog.decider.DeciderService;
import dev.waybill.eventlog.decider.Replayable;
import dev.waybill.kernel.IdSource;
import dev.waybill.registryclient.Bandwidth;
import dev.waybill.registryclient.Certificates;
import dev.waybill.registryclient.ConnectionLimits;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.DockerCredentials;
import dev.waybill.registryclient.SealedLogins;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import dev.waybill.registrysync.proof.Keyless;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import io.vertx.ext.web.Router;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.eclipse.microprofile.config.ConfigProvider;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The registry-sync service. */
@ApplicationScoped
public class RegistrySyncService {
  private static final Logger LOG = Logger.getLogger(RegistrySyncService.class);

  private final EventLog log;
  private final Cell cell;
  private final IdSource ids;
  private final boolean enabled;
  private final Optional<Path> credentialsFile;
  private final Optional<URI> registry;
  private final Optional<Path> registryTokenFile;
  private final Optional<Path> trustedRoot;
  private final Certificates certificates;
  private final Optional<SealedLogins> logins;
  private final Optional<LoginWatch> loginWatch;
  private @Nullable Transport transport;
  private @Nullable UpstreamWatch watch;
  private @Nullable EvidenceWatch evidence;
  private @Nullable DeciderService<RegistryState> service;

  @Inject
  RegistrySyncService(
      EventLog log,
      Cell cell,
      IdSource ids,
      @ConfigProperty(name = "waybill.registry-sync.enabled", defaultValue = "true")
          boolean enabled,
      @ConfigProperty(name = "waybill.registry-sync.credentials-file")
          Optional<Path> credentialsFile,
      @ConfigProperty(name = "waybill.registry-sync.registry") Optional<URI> registry,
      @ConfigProperty(name = "waybill.registry-sync.registry-token-file")
          Optional<Path> registryTokenFile,
      @ConfigProperty(name = "waybill.registry-sync.sigstore-trusted-root")
          Optional<Path> trustedRoot,
      @ConfigProperty(name = "waybill.registry-sync.certificates-directory")
          Optional<Path> certificatesDirectory,
      @ConfigProperty(name = "waybill.registry-sync.logins-file") Optional<Path> loginsFile,
      @ConfigProperty(name = "waybill.registry-sync.logins-key-file")
          Optional<Path> loginsKeyFile) {
    this.log = log;
    this.cell = cell;
    this.ids = ids;
    this.enabled = enabled;
    this.credentialsFile = credentialsFile;
    this.registry = registry;
    this.registryTokenFile = registryTokenFile;
    this.trustedRoot = trustedRoot;
    this.certificates =
        certificatesDirectory.map(Certificates::in).orElseGet(Certificates::ofSystem);
    this.logins = loginsFile.flatMap(file -> loginsKeyFile.map(key -> new SealedLogins(file, key)));
    this.loginWatch = logins.map(LoginWatch::new);
  }

  @Produces
  @Singleton
  Replayable<RegistryState> replayable() {
    return new Replayable<>(
        new RegistryDecider(), RegistryState.class, cell.source(RegistryDecider.NAME));
  }

  /** Without a token nobody could be told apart, so then there is nothing to store with. */
  void serve(@Observes Router router) {
    if (enabled && registryTokenFile.isPresent()) {
      logins.ifPresent(
          store -> new LoginRoutes(store, loginWatch.orElseThrow(), ownToken()).mount(router));
    }
  }

  private Credentials credentials() {
    Credentials listed =
        credentialsFile
            .<Credentials>map(file -> new DockerCredentials(file, System.getenv()))
            .orElseGet(Credentials::none);
    return logins.<Credentials>map(store -> store.orElse(listed)).orElse(listed);
  }

  void start(@Observes StartupEvent event) {
    if (enabled) {
      Credentials credentials = credentials();
      transport =
          new Transport(
              ConnectionLimits.DEFAULT,
              Thread::sleep,
              InstantSource.system(),
              certificates,
              Bandwidth.unlimited());
      OwnRegistry own =
          new OwnRegistry(this::ownAddress, new Credentials.Login("admin", ownToken()));
      UpstreamWatch upstreams = new UpstreamWatch(new Upstream(transport, credentials, own));
      watch = upstreams;
      EvidenceWatch looks = new EvidenceWatch(search(transport, credentials, own));
      evidence = looks;
      service =
          new DeciderService<>(
              new DeciderLoop.Parts<>(
                  log,
                  new RegistryDecider(),
                  RegistryState.class,
                  cell.source(RegistryDecider.NAME),
                  (state, now) ->
                      Stream.of(
                              upstreams.observe(state, now),
                              looks.observe(state, now),
                              loginWatch.map(w -> w.observe(state, now)).orElse(List.of()))
                          .flatMap(List::stream)
                          .toList(),
                  InstantSource.system(),
                  ids,
                  records -> {}),
              (name, error) -> LOG.errorf(error, "decider loop ended decider=%s", name));
    }
  }

  private EvidenceSearch search(Transport over, Credentials credentials, OwnRegistry own) {
    return new EvidenceSearch(
        over,
        credentials,
        own,
        trustedRoot.<Keyless>map(SigstoreKeyless::open),
        InstantSource.system());
  }

  /** This process' own registry unless another is configured; its port is known when it listens. */
  private URI ownAddress() {
    return registry.orElseGet(
        () ->
            URI.create(
                "http://127.0.0.1:"
                    + ConfigProvider.getConfig()
                        .getOptionalValue("quarkus.http.port", String.class)
                        .orElse("8080")));
  }

  private String ownToken() {
    if (registryTokenFile.isEmpty()) {
      return "";
    }
    try {
      return Files.readString(registryTokenFile.get()).strip();
    } catch (IOException e) {
      throw new UncheckedIOException("cannot read the token file " + registryTokenFile.get(), e);
    }
  }

  void stop(@Observes ShutdownEvent event) {
    if (service != null) {
      service.close();
    }
    if (watch != null) {
      watch.close();
    }
    if (evidence != null) {
      evidence.close();
    }
    if (transport != null) {
      transport.close();
    }
  }
}
