package dev.waybill.networking.edge;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.decider.DeciderLoop;
import dev.waybill.eventlog.decider.DeciderService;
import dev.waybill.eventlog.decider.Observer;
import dev.waybill.eventlog.decider.Replayable;
import dev.waybill.kernel.IdSource;
import dev.waybill.networking.NetworkingDecider;
import dev.waybill.networking.NetworkingState;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The networking service. */
@ApplicationScoped
public class NetworkingService {
  private static final Logger LOG = Logger.getLogger(NetworkingService.class);

  private final EventLog log;
  private final Cell cell;
  private final IdSource ids;
  private final boolean enabled;
  private @Nullable DeciderService<NetworkingState> service;

  @Inject
  NetworkingService(
      EventLog log,
      Cell cell,
      IdSource ids,
      @ConfigProperty(name = "waybill.networking.enabled", defaultValue = "true") boolean enabled) {
    this.log = log;
    this.cell = cell;
    this.ids = ids;
    this.enabled = enabled;
  }

  @Produces
  @Singleton
  Replayable<NetworkingState> replayable() {
    return new Replayable<>(
        new NetworkingDecider(), NetworkingState.class, cell.source(NetworkingDecider.NAME));
  }

  void start(@Observes StartupEvent event) {
    if (enabled) {
      service =
          new DeciderService<>(
              new DeciderLoop.Parts<>(
                  log,
                  new NetworkingDecider(),
                  NetworkingState.class,
                  cell.source(NetworkingDecider.NAME),
                  Observer.blind(),
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
  }
}
