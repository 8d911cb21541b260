package dev.waybill.allinone;

import dev.waybill.eventlog.Cell;
import dev.waybill.eventlog.EventLog;
import dev.waybill.eventlog.kafka.KafkaEventLog;
import dev.waybill.kernel.IdSource;
import dev.waybill.kernel.TimeOrderedIds;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The log that all services of this process share. */
@ApplicationScoped
class LogWiring {
  @Produces
  @Singleton
  Cell cell(
      @ConfigProperty(name = "waybill.cell.name", defaultValue = "local") String name,
      @ConfigProperty(name = "waybill.cell.number", defaultValue = "0") int number,
      @ConfigProperty(name = "waybill.cell.assignment-partitions", defaultValue = "4")
          int partitions) {
    return new Cell(name, number, partitions);
  }

  @Produces
  @Singleton
  EventLog log(
      Cell cell,
      @ConfigProperty(name = "waybill.kafka.bootstrap-servers") String bootstrap,
      @ConfigProperty(name = "waybill.kafka.replication", defaultValue = "1") short replication,
      @ConfigProperty(name = "waybill.kafka.client") Optional<Map<String, String>> more) {
    // What Kafka's clients know under these names: security.protocol, ssl.*, sasl.* and the like.
    Map<String, String> client = new HashMap<>(more.orElse(Map.of()));
    client.put("bootstrap.servers", bootstrap);
    return new KafkaEventLog(cell, client, replication);
  }

  void closeLog(@Disposes EventLog log) {
    log.close();
  }

  @Produces
  @Singleton
  IdSource ids() {
    return new TimeOrderedIds(InstantSource.system(), new SecureRandom());
  }
}
