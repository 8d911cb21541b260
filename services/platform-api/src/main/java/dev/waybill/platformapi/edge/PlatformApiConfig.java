package dev.waybill.platformapi.edge;

import io.smallrye.config.ConfigMapping;
import io.smallrye.config.WithDefault;
import java.nio.file.Path;
import java.util.Optional;

/** Settings of the platform API. */
@ConfigMapping(prefix = "waybill.platform-api")
public interface PlatformApiConfig {
  /** Whether this process serves the API. */
  @WithDefault("true")
  boolean enabled();

  /** File that holds the administrator's bearer token. */
  Path tokenFile();

  /** Directory for the outbox relay's own records. */
  Path dataDirectory();

  /** Name of the replication slot in the database; one per cell. */
  @WithDefault("waybill_outbox")
  String slot();

  /** Secret that nodes accept on their stream endpoints; the administrator's token where absent. */
  Optional<Path> nodeTokenFile();

  /** IPv4 range of the default network, in CIDR form; absent where something else declares it. */
  Optional<String> defaultSubnet();
}
