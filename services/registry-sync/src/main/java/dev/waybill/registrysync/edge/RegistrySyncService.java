package dev.waybill.registrysync.edge;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.decider.DeciderLoop;
import dev.waybill.eventlog.decider.DeciderService;
import dev.waybill.eventlog.decider.Replayable;
import dev.waybill.kernel.IdSource;
import dev.waybill.registryclient.ConnectionLimits;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.DockerCredentials;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.RegistryDecider;
import dev.waybill.registrysync.RegistryState;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Optional;
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
  private @Nullable Transport transport;
  private @Nullable UpstreamWatch watch;
  private @Nullable DeciderService<RegistryState> service;

  @Inject
  RegistrySyncService(
      EventLog log,
      Cell cell,
      IdSource ids,
      @ConfigProperty(name = "waybill.registry-sync.enabled", defaultValue = "true")
          boolean enabled,
      @ConfigProperty(name = "waybill.registry-sync.credentials-file")
          Optional<Path> credentialsFile) {
    this.log = log;
    this.cell = cell;
    this.ids = ids;
    this.enabled = enabled;
    this.credentialsFile = credentialsFile;
  }

  @Produces
  @Singleton
  Replayable<RegistryState> replayable() {
    return new Replayable<>(
        new RegistryDecider(), RegistryState.class, cell.source(RegistryDecider.NAME));
  }

  void start(@Observes StartupEvent event) {
    if (enabled) {
      Credentials credentials =
          credentialsFile.<Credentials>map(DockerCredentials::new).orElseGet(Credentials::none);
      transport = new Transport(ConnectionLimits.DEFAULT, Thread::sleep, InstantSource.system());
      watch = new UpstreamWatch(new Upstream(transport, credentials));
      service =
          new DeciderService<>(
              new DeciderLoop.Parts<>(
                  log,
                  new RegistryDecider(),
                  RegistryState.class,
                  cell.source(RegistryDecider.NAME),
                  watch,
                  InstantSource.system(),
                  ids,
                  records -> {}),
              (name, error) -> LOG.errorf(error, "decider loop ended decider=%s", name));
    }
  }

  void stop(@Observes ShutdownEvent event) {
    if (service != null) {
      service.close();
    }
    if (watch != null) {
      watch.close();
    }
    if (transport != null) {
      transport.close();
    }
  }
}
