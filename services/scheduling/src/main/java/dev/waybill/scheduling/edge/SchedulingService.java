package dev.waybill.scheduling.edge;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.decider.DeciderLoop;
import dev.waybill.eventlog.decider.DeciderService;
import dev.waybill.eventlog.decider.Replayable;
import dev.waybill.kernel.IdSource;
import dev.waybill.scheduling.SchedulingDecider;
import dev.waybill.scheduling.SchedulingState;
import io.quarkus.runtime.ShutdownEvent;
import io.quarkus.runtime.StartupEvent;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import java.time.Duration;
import java.time.InstantSource;
import org.eclipse.microprofile.config.inject.ConfigProperty;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/** The scheduling service. */
@ApplicationScoped
public class SchedulingService {
  private static final Logger LOG = Logger.getLogger(SchedulingService.class);

  private final EventLog log;
  private final Cell cell;
  private final IdSource ids;
  private final boolean enabled;
  private final Duration nodeLostAfter;
  private @Nullable Clockwork clockwork;
  private @Nullable DeciderService<SchedulingState> service;

  @Inject
  SchedulingService(
      EventLog log,
      Cell cell,
      IdSource ids,
      @ConfigProperty(name = "waybill.scheduling.enabled", defaultValue = "true") boolean enabled,
      @ConfigProperty(name = "waybill.scheduling.node-lost-after", defaultValue = "20s")
          Duration nodeLostAfter) {
    this.log = log;
    this.cell = cell;
    this.ids = ids;
    this.enabled = enabled;
    this.nodeLostAfter = nodeLostAfter;
  }

  @Produces
  @Singleton
  Replayable<SchedulingState> replayable() {
    return new Replayable<>(
        new SchedulingDecider(), SchedulingState.class, cell.source(SchedulingDecider.NAME));
  }

  void start(@Observes StartupEvent event) {
    if (enabled) {
      var clock = InstantSource.system();
      clockwork = new Clockwork(log, nodeLostAfter, clock.instant());
      service =
          new DeciderService<>(
              new DeciderLoop.Parts<>(
                  log,
                  new SchedulingDecider(),
                  SchedulingState.class,
                  cell.source(SchedulingDecider.NAME),
                  clockwork,
                  clock,
                  ids,
                  records -> {}),
              (name, error) -> LOG.errorf(error, "decider loop ended decider=%s", name));
    }
  }

  void stop(@Observes ShutdownEvent event) {
    if (service != null) {
      service.close();
    }
    if (clockwork != null) {
      clockwork.close();
    }
  }
}
