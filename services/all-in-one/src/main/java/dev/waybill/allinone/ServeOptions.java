package dev.waybill.allinone;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * What {@code serve} is told: {@code --services A,B} and any number of {@code --config FILE}.
 *
 * @param services those that this process runs
 * @param files settings in properties form; no key in two of them
 */
record ServeOptions(Set<Service> services, List<Path> files) {
  static final String BOOTSTRAP = "waybill.kafka.bootstrap-servers";

  /** Stands in for what only services that are off would read. */
  static final String UNUSED = "unused";

  /**
   * @throws IllegalArgumentException naming the argument that is wrong or missing
   */
  static ServeOptions parse(List<String> arguments) {
    Set<Service> services = EnumSet.noneOf(Service.class);
    List<Path> files = new ArrayList<>();
    for (int i = 0; i < arguments.size(); i += 2) {
      String option = arguments.get(i);
      if (!option.equals("--services") && !option.equals("--config")) {
        throw new IllegalArgumentException(
            "unknown option " + option + "; known are --services, --config");
      }
      if (i + 1 == arguments.size()) {
        throw new IllegalArgumentException(option + " needs a value");
      }
      if (option.equals("--services")) {
        services.addAll(services(arguments.get(i + 1)));
      } else {
        files.add(file(arguments.get(i + 1)));
      }
    }
    if (services.isEmpty()) {
      throw new IllegalArgumentException(
          "say --services NAME[,NAME...]; known are " + Service.known());
    }
    return new ServeOptions(services, List.copyOf(files));
  }

  private static Set<Service> services(String names) {
    Set<Service> services = EnumSet.noneOf(Service.class);
    for (String name : names.split(",", -1)) {
      services.add(
          Service.of(name)
              .orElseThrow(
                  () ->
                      new IllegalArgumentException(
                          "unknown service '" + name + "'; known are " + Service.known())));
    }
    return services;
  }

  private static Path file(String name) {
    Path file = Path.of(name).toAbsolutePath();
    if (!Files.isReadable(file)) {
      throw new IllegalArgumentException("cannot read the file " + file);
    }
    return file;
  }

  /**
   * The settings that follow from which services are on.
   *
   * <p>Quarkus checks the settings of all services at start, of those that are off too: what those
   * lack is filled with a word that nobody reads.
   *
   * @param configured how a setting is looked up
   * @throws IllegalArgumentException naming the first setting that is missing
   */
  Map<String, String> settings(Function<String, Optional<String>> configured) {
    require(BOOTSTRAP, "every service", configured);
    for (Service service : services) {
      for (String key : service.required()) {
        require(key, service.id(), configured);
      }
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (Service service : Service.values()) {
      settings.put(service.toggle(), Boolean.toString(services.contains(service)));
      for (String key : service.required()) {
        if (configured.apply(key).isEmpty()) {
          settings.put(key, UNUSED);
        }
      }
    }
    // Neither a connection nor a migration where nobody needs the database.
    settings.put(
        "quarkus.datasource.active", Boolean.toString(services.contains(Service.PLATFORM_API)));
    return settings;
  }

  private static void require(
      String key, String who, Function<String, Optional<String>> configured) {
    if (configured.apply(key).filter(value -> !value.isBlank()).isEmpty()) {
      throw new IllegalArgumentException(who + " needs the setting " + key);
    }
  }
}
