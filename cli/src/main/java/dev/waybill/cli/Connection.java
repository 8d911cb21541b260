package dev.waybill.cli;

import dev.waybill.cli.api.ApiClient;
import dev.waybill.cli.api.Target;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The option by which commands find the platform. */
public final class Connection {
  @Option(
      names = "--data",
      paramLabel = "DIR",
      description = "Data directory of the embedded platform (default: /var/lib/waybill).")
  Optional<Path> data = Optional.empty();

  /** A client of the platform that is meant. */
  public ApiClient client() {
    return new ApiClient(Target.find(data));
  }

  /** The data directory that is meant. */
  public Path directory() {
    return Target.data(data);
  }
}
