package dev.waybill.allinone;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The services that this application is made of, each with the settings it can't do without. */
enum Service {
  PLATFORM_API(
      "platform-api",
      "quarkus.datasource.jdbc.url",
      "quarkus.datasource.username",
      "waybill.platform-api.token-file",
      "waybill.platform-api.data-directory"),
  SCHEDULING("scheduling"),
  NETWORKING("networking"),
  REGISTRY_SYNC("registry-sync"),
  IMAGE("image", "waybill.image.data-directory", "waybill.image.token-file"),
  NODE_RUNNER(
      "node-runner",
      "waybill.node-runner.runner-socket",
      "waybill.node-runner.data-directory",
      "waybill.node-runner.token-file",
      "waybill.node-runner.instance"),
  AUDIT("audit", "waybill.platform-api.token-file");

  private final String id;
  private final List<String> required;

  Service(String id, String... required) {
    this.id = id;
    this.required = List.of(required);
  }

  /** As it is written in options and in settings. */
  String id() {
    return id;
  }

  /** The setting that turns it on or off. */
  String toggle() {
    return "waybill." + id + ".enabled";
  }

  /** Settings that have no default, in the order in which a missing one is named. */
  List<String> required() {
    return required;
  }

  static Optional<Service> of(String id) {
    return Arrays.stream(values()).filter(service -> service.id.equals(id)).findFirst();
  }

  static String known() {
    return Arrays.stream(values()).map(Service::id).collect(Collectors.joining(", "));
  }
}
