package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ServeOptionsTest {
  private static final String BOOTSTRAP = "waybill.kafka.bootstrap-servers";

  @Test
  void the_named_services_are_on_and_all_others_off() {
    Map<String, String> settings =
        settings(Map.of(BOOTSTRAP, "broker:9092"), "--services", "scheduling,networking");

    assertThat(settings)
        .containsEntry("waybill.scheduling.enabled", "true")
        .containsEntry("waybill.networking.enabled", "true");
    assertThat(settings.keySet().stream().filter(key -> key.endsWith(".enabled"))).hasSize(7);
    assertThat(settings.values().stream().filter("true"::equals)).hasSize(2);
  }

  @Test
  void deciders_need_kafka_alone_and_no_database_is_opened_for_them() {
    Map<String, String> settings =
        settings(Map.of(BOOTSTRAP, "broker:9092"), "--services", "scheduling");

    assertThat(settings)
        .containsEntry("quarkus.datasource.active", "false")
        .containsEntry("waybill.node-runner.runner-socket", ServeOptions.UNUSED)
        .doesNotContainKey(BOOTSTRAP);
  }

  @Test
  void what_is_configured_is_left_as_it_is() {
    Map<String, String> configured = new HashMap<>(Map.of(BOOTSTRAP, "broker:9092"));
    Service.PLATFORM_API.required().forEach(key -> configured.put(key, "given"));

    assertThat(settings(configured, "--services", "platform-api"))
        .containsEntry("quarkus.datasource.active", "true")
        .doesNotContainKeys(Service.PLATFORM_API.required().toArray(String[]::new));
  }

  @Test
  void each_missing_setting_is_named_with_the_service_that_needs_it() {
    assertRefused(Map.of(), "every service needs the setting " + BOOTSTRAP, "scheduling");
    for (Service service : Service.values()) {
      Map<String, String> given = new HashMap<>(Map.of(BOOTSTRAP, "broker:9092"));
      for (String key : service.required()) {
        assertRefused(given, service.id() + " needs the setting " + key, service.id());
        given.put(key, "given");
      }
      assertThat(settings(given, "--services", service.id()))
          .containsEntry(service.toggle(), "true");
    }
  }

  @Test
  void an_empty_setting_is_a_missing_one() {
    assertRefused(Map.of(BOOTSTRAP, " "), "every service needs the setting " + BOOTSTRAP, "audit");
  }

  @Test
  void wrong_arguments_are_named() {
    assertUnparsed(
        "unknown service 'sheduling'; known are platform-api, ", "--services", "sheduling");
    assertUnparsed("unknown service ''", "--services", "audit,");
    assertUnparsed("--services needs a value", "--services");
    assertUnparsed("unknown option --port", "--port", "80");
    assertUnparsed("say --services NAME");
    assertUnparsed("cannot read the file /nosuch", "--services", "audit", "--config", "/nosuch");
  }

  private static Map<String, String> settings(Map<String, String> configured, String... arguments) {
    return ServeOptions.parse(List.of(arguments))
        .settings(key -> Optional.ofNullable(configured.get(key)));
  }

  private static void assertRefused(
      Map<String, String> configured, String message, String services) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> settings(configured, "--services", services))
        .withMessage(message);
  }

  private static void assertUnparsed(String message, String... arguments) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> ServeOptions.parse(new ArrayList<>(List.of(arguments))))
        .withMessageStartingWith(message);
  }
}
