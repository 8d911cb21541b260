package dev.waybill.allinone;

import io.quarkus.runtime.Quarkus;
import io.quarkus.runtime.QuarkusApplication;
import io.smallrye.config.SmallRyeConfig;
import io.smallrye.config.SmallRyeConfigBuilder;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import org.eclipse.microprofile.config.ConfigProvider;

/**
 * Runs some of the services as one part of a distributed platform: Kafka, PostgreSQL and
 * native-runner are found by configuration, none of them is started here.
 *
 * <p>Arguments: {@code --services A,B [--config FILE]...}; settings come from the files, the
 * environment and system properties as Quarkus reads them. Ends with code 2 if what it is told
 * can't be, and with another if it fails later, to be started again by whoever supervises it.
 */
final class Serve {
  private static final int USAGE = 2;
  private static final String CONFIG_FILES = "smallrye.config.locations";

  private Serve() {}

  static void main(List<String> arguments) {
    try {
      configure(ServeOptions.parse(arguments));
    } catch (IllegalArgumentException e) {
      System.err.println("waybill serve: " + e.getMessage());
      System.exit(USAGE);
    }
    Quarkus.run(Serving.class);
  }

  private static void configure(ServeOptions options) {
    if (!options.files().isEmpty()) {
      System.setProperty(
          CONFIG_FILES,
          options.files().stream()
              // A comma in a name would divide it in two.
              .map(file -> file.toUri().toString().replace(",", "\\,"))
              .collect(Collectors.joining(",")));
    }
    // A look of our own: what Quarkus starts with must not be fixed before all of it is set.
    SmallRyeConfig config =
        new SmallRyeConfigBuilder()
            .addDefaultInterceptors()
            .addDefaultSources()
            .addDiscoveredSources()
            .build();
    options
        .settings(key -> config.getOptionalValue(key, String.class))
        .forEach(System::setProperty);
  }

  /** Says that the services are up, and waits for the end. */
  public static class Serving implements QuarkusApplication {
    @Override
    public int run(String... arguments) {
      String port = ConfigProvider.getConfig().getValue("quarkus.http.port", String.class);
      String services =
          Arrays.stream(Service.values())
              .filter(service -> Boolean.getBoolean(service.toggle()))
              .map(Service::id)
              .collect(Collectors.joining(","));
      System.out.println("serving " + services + " on port " + port);
      Quarkus.waitForExit();
      return 0;
    }
  }
}
