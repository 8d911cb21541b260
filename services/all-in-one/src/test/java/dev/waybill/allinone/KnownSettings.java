package dev.waybill.allinone;

import dev.waybill.audit.edge.AuditService;
import dev.waybill.image.edge.ImageServiceConfig;
import dev.waybill.networking.edge.NetworkingService;
import dev.waybill.noderunner.edge.NodeRunnerConfig;
import dev.waybill.platformapi.edge.PlatformApiConfig;
import dev.waybill.registrysync.edge.RegistrySyncService;
import dev.waybill.scheduling.edge.SchedulingService;
import io.smallrye.config.ConfigMapping;
import java.lang.reflect.Executable;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The settings that the code reads, as its own declarations say. */
final class KnownSettings {
  private static final String KAFKA_CLIENT = "waybill.kafka.client.";
  private static final String LABELS = "waybill.node-runner.labels.";
  private static final Set<String> KEYS = keys();

  private KnownSettings() {}

  private static Set<String> keys() {
    var keys = new TreeSet<String>();
    for (Class<?> mapping :
        List.of(PlatformApiConfig.class, ImageServiceConfig.class, NodeRunnerConfig.class)) {
      String prefix = mapping.getAnnotation(ConfigMapping.class).prefix();
      addAll(keys, mapping, prefix);
    }
    for (Class<?> bean :
        List.of(
            LogWiring.class,
            AuditService.class,
            SchedulingService.class,
            NetworkingService.class,
            RegistrySyncService.class)) {
      Stream.<Executable>concat(
              Stream.of(bean.getDeclaredConstructors()), Stream.of(bean.getDeclaredMethods()))
          .flatMap(executable -> Stream.of(executable.getParameters()))
          .forEach(parameter -> add(keys, parameter));
    }
    return keys;
  }

  private static void addAll(Set<String> keys, Class<?> mapping, String prefix) {
    for (Method method : mapping.getDeclaredMethods()) {
      String key = prefix + "." + kebab(method.getName());
      if (method.getReturnType().getDeclaringClass() == mapping
          && method.getReturnType().isInterface()) {
        addAll(keys, method.getReturnType(), key); // A group of settings.
      } else {
        keys.add(key);
      }
    }
  }

  private static void add(Set<String> keys, Parameter parameter) {
    ConfigProperty property = parameter.getAnnotation(ConfigProperty.class);
    if (property != null) {
      keys.add(property.name());
    }
  }

  private static String kebab(String name) {
    return name.replaceAll("([A-Z])", "-$1").toLowerCase(Locale.ROOT);
  }

  /** Of our own keys, those that something reads; all of others' keys. */
  static boolean has(String key) {
    if (key.startsWith(KAFKA_CLIENT)) {
      String name = key.substring(KAFKA_CLIENT.length()).replace("\"", "");
      return AdminClientConfig.configNames().contains(name)
          || ProducerConfig.configNames().contains(name);
    }
    return !key.startsWith("waybill.") || key.startsWith(LABELS) || KEYS.contains(key);
  }

  static boolean hasVariable(String name) {
    return !name.startsWith("WAYBILL_")
        || KEYS.stream().anyMatch(key -> variable(key).equals(name));
  }

  /** How the environment writes a key. */
  static String variable(String key) {
    return key.replaceAll("[^A-Za-z0-9]", "_").toUpperCase(Locale.ROOT);
  }
}
