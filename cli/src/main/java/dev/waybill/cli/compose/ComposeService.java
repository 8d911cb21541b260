package dev.waybill.cli.compose;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.kernel.ByteSize;
import dev.waybill.kernel.Durations;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.function.ToLongFunction;

/** One service of a Compose file as a workload. */
final class ComposeService {
  private static final Set<String> KNOWN =
      Set.of(
          "image",
          "command",
          "entrypoint",
          "environment",
          "ports",
          "expose",
          "deploy",
          "depends_on",
          "healthcheck",
          "networks",
          "network_mode",
          "volumes",
          "tmpfs",
          "labels",
          "restart",
          "working_dir",
          "user",
          "hostname",
          "container_name",
          "read_only",
          "cap_add",
          "cap_drop",
          "security_opt",
          "stop_grace_period",
          "stop_signal",
          "tty",
          "stdin_open",
          "init",
          "scale",
          "cpus",
          "mem_limit",
          "pids_limit",
          "sysctls",
          "pull_policy");
  private static final Set<String> HEALTH =
      Set.of("test", "interval", "timeout", "retries", "start_period", "start_interval", "disable");

  private final String name;
  private final String project;
  private final Map<String, String> networkNames;
  private final Map<String, String> volumeNames;
  private final Set<String> services;
  private final ObjectNode workload = ComposeFile.JSON.createObjectNode();
  private final ObjectNode spec = ComposeFile.JSON.createObjectNode();
  private boolean defaultNetwork;

  ComposeService(
      String name,
      String project,
      Map<String, String> networkNames,
      Map<String, String> volumeNames,
      Set<String> services) {
    this.name = name;
    this.project = project;
    this.networkNames = networkNames;
    this.volumeNames = volumeNames;
    this.services = services;
  }

  boolean usesDefaultNetwork() {
    return defaultNetwork;
  }

  ObjectNode read(Yaml service) {
    SequencedMap<String, Yaml> fields = service.entries("service " + name, KNOWN);
    if (!fields.containsKey("image")) {
      throw service.wrong("service %s needs an 'image:'".formatted(name));
    }
    workload.put("name", name);
    workload.put("project", project);
    workload.put("replicas", 1);
    fields.forEach(this::field);
    if (!fields.containsKey("networks") && !fields.containsKey("network_mode")) {
      defaultNetwork = true;
      spec.put("network", networkNames.getOrDefault("default", project + "_default"));
    }
    workload.set("spec", spec);
    return workload;
  }

  private void field(String field, Yaml value) {
    switch (field) {
      case "image", "user", "hostname" -> spec.put(field, value.text(field));
      case "working_dir" -> spec.put("workdir", value.text(field));
      case "command" -> list("command", value.words(field));
      case "entrypoint" -> list("entrypoint", value.words(field));
      case "environment" -> pairs("env", value.pairs(field));
      case "labels" -> pairs("labels", value.pairs(field));
      case "sysctls" -> pairs("sysctls", value.pairs(field));
      case "ports" -> value.items(field).forEach(this::port);
      case "deploy" -> deploy(value);
      case "depends_on" -> dependsOn(value);
      case "healthcheck" -> health(value);
      case "networks" -> networks(value);
      case "network_mode" -> networkMode(value);
      case "volumes" -> value.items(field).forEach(this::volume);
      case "tmpfs" -> value.words(field).forEach(target -> mount("MOUNT_TYPE_TMPFS", "", target));
      case "restart" -> restart(value);
      case "read_only" -> spec.put("readOnly", value.flag(field));
      case "cap_add" -> list("capAdd", value.words(field));
      case "cap_drop" -> list("capDrop", value.words(field));
      case "security_opt" -> list("securityOptions", value.words(field));
      case "tty" -> spec.put("tty", value.flag(field));
      case "stdin_open" -> spec.put("stdin", value.flag(field));
      case "stop_signal" -> spec.put("stopSignal", value.text(field));
      case "stop_grace_period" -> spec.put("stopGraceMs", parsed(value, field, ComposeService::ms));
      case "scale" -> workload.put("replicas", value.number(field));
      case "cpus" -> resources().put("cpuMillis", parsed(value, field, ComposeService::cpuMillis));
      case "mem_limit" -> resources().put("memoryBytes", parsed(value, field, ByteSize::parse));
      case "pids_limit" -> resources().put("pids", value.number(field));
      case "pull_policy" -> pullPolicy(value);
      case "container_name" ->
          throw value.wrong("container_name isn't possible, replicas have names of their own");
      default -> {
        // expose and init say nothing that isn't so already; x- fields are the author's.
      }
    }
  }

  private ObjectNode resources() {
    return spec.withObject("/resources");
  }

  private void list(String field, List<String> values) {
    ArrayNode array = spec.putArray(field);
    values.forEach(array::add);
  }

  private void pairs(String field, Map<String, String> values) {
    ObjectNode object = spec.putObject(field);
    values.forEach(object::put);
  }

  private static long parsed(Yaml value, String field, ToLongFunction<String> parser) {
    try {
      return parser.applyAsLong(value.text(field));
    } catch (IllegalArgumentException e) {
      throw value.wrong(field + ": " + e.getMessage());
    }
  }

  private static long ms(String text) {
    return Durations.parse(text).toMillis();
  }

  private static long cpuMillis(String text) {
    try {
      return new BigDecimal(text).movePointRight(3).longValueExact();
    } catch (ArithmeticException | NumberFormatException e) {
      throw new IllegalArgumentException("'" + text + "' is no number of processors, like 0.5", e);
    }
  }

  private void port(Yaml value) {
    ObjectNode port = spec.withArray("/ports").addObject();
    if (value.isMapping()) {
      SequencedMap<String, Yaml> fields =
          value.entries("ports", Set.of("target", "published", "protocol", "host_ip", "mode"));
      if (!fields.containsKey("target")) {
        throw value.wrong("a port needs its 'target:'");
      }
      port.put("containerPort", fields.get("target").number("target"));
      if (fields.containsKey("published")) {
        port.put("hostPort", fields.get("published").number("published"));
      }
      if (fields.containsKey("protocol")) {
        port.put("protocol", fields.get("protocol").text("protocol"));
      }
      if (fields.containsKey("host_ip")) {
        port.put("hostAddress", fields.get("host_ip").text("host_ip"));
      }
      return;
    }
    try {
      PortMapping.parse(value.text("ports")).into(port);
    } catch (IllegalArgumentException e) {
      throw value.wrong(String.valueOf(e.getMessage()));
    }
  }

  private void deploy(Yaml value) {
    SequencedMap<String, Yaml> fields =
        value.entries(
            "deploy",
            Set.of(
                "replicas",
                "resources",
                "placement",
                "mode",
                "labels",
                "restart_policy",
                "update_config"));
    if (fields.containsKey("replicas")) {
      workload.put("replicas", fields.get("replicas").number("deploy.replicas"));
    }
    if (fields.containsKey("resources")) {
      SequencedMap<String, Yaml> parts =
          fields.get("resources").entries("deploy.resources", Set.of("limits", "reservations"));
      if (parts.containsKey("limits")) {
        limits(parts.get("limits"));
      }
    }
  }

  private void limits(Yaml value) {
    value
        .entries("deploy.resources.limits", Set.of("cpus", "memory", "pids"))
        .forEach(
            (field, limit) -> {
              switch (field) {
                case "cpus" ->
                    resources().put("cpuMillis", parsed(limit, field, ComposeService::cpuMillis));
                case "memory" ->
                    resources().put("memoryBytes", parsed(limit, field, ByteSize::parse));
                default -> resources().put("pids", limit.number(field));
              }
            });
  }

  private void dependsOn(Yaml value) {
    List<String> names =
        value.isList()
            ? value.words("depends_on")
            : List.copyOf(value.entries("depends_on").keySet());
    ArrayNode array = workload.putArray("dependsOn");
    for (String dependency : names) {
      if (!services.contains(dependency)) {
        throw value.wrong(
            "service %s depends on '%s', which the file doesn't have".formatted(name, dependency));
      }
      array.add(dependency);
    }
  }

  private void health(Yaml value) {
    SequencedMap<String, Yaml> fields = value.entries("healthcheck", HEALTH);
    ObjectNode check = spec.putObject("healthCheck");
    if (fields.containsKey("disable") && fields.get("disable").flag("disable")) {
      check.putObject("none");
      return;
    }
    fields.forEach(
        (field, item) -> {
          switch (field) {
            case "test" -> test(check, item);
            case "interval" -> check.put("intervalMs", parsed(item, field, ComposeService::ms));
            case "timeout" -> check.put("timeoutMs", parsed(item, field, ComposeService::ms));
            case "start_period" ->
                check.put("startPeriodMs", parsed(item, field, ComposeService::ms));
            case "retries" -> check.put("retries", item.number(field));
            default -> {
              // disable was looked at before; start_interval is what the first probe does anyway.
            }
          }
        });
  }

  private static void test(ObjectNode check, Yaml value) {
    var words = new ArrayList<String>();
    if (!value.isList()) {
      words.addAll(List.of("/bin/sh", "-c", value.text("test")));
    } else {
      List<String> given = value.words("test");
      if (given.isEmpty() || given.getFirst().equals("NONE")) {
        check.putObject("none");
        return;
      }
      switch (given.getFirst()) {
        case "CMD" -> words.addAll(given.subList(1, given.size()));
        case "CMD-SHELL" -> words.addAll(List.of("/bin/sh", "-c", given.getLast()));
        default -> throw value.wrong("a test begins with CMD, CMD-SHELL or NONE");
      }
    }
    ArrayNode command = check.putObject("exec").putArray("command");
    words.forEach(command::add);
  }

  private void networks(Yaml value) {
    List<String> names =
        value.isList() ? value.words("networks") : List.copyOf(value.entries("networks").keySet());
    if (names.size() != 1) {
      throw value.wrong("service %s must be on one network".formatted(name));
    }
    String network = names.getFirst();
    if (network.equals("default") && !networkNames.containsKey(network)) {
      defaultNetwork = true;
      spec.put("network", project + "_default");
      return;
    }
    String real = networkNames.get(network);
    if (real == null) {
      throw value.wrong("network '%s' is not under 'networks:'".formatted(network));
    }
    spec.put("network", real);
    aliases(value, network);
  }

  private void aliases(Yaml value, String network) {
    if (!value.isMapping()) {
      return;
    }
    Yaml options = value.entries("networks").get(network);
    if (options != null && !options.isNull()) {
      Yaml aliases = options.entries("network " + network, Set.of("aliases")).get("aliases");
      if (aliases != null) {
        list("networkAliases", aliases.words("aliases"));
      }
    }
  }

  private void networkMode(Yaml value) {
    String mode = value.text("network_mode");
    if (!Set.of("host", "none", "bridge").contains(mode)) {
      throw value.wrong("network_mode '%s' must be host, none or bridge".formatted(mode));
    }
    spec.put("network", mode);
  }

  private void volume(Yaml value) {
    if (value.isMapping()) {
      SequencedMap<String, Yaml> fields =
          value.entries("volumes", Set.of("type", "source", "target", "read_only"));
      String type = fields.containsKey("type") ? fields.get("type").text("type") : "volume";
      String source = fields.containsKey("source") ? fields.get("source").text("source") : "";
      if (!fields.containsKey("target")) {
        throw value.wrong("a volume needs its 'target:'");
      }
      String kind = "MOUNT_TYPE_" + type.toUpperCase(Locale.ROOT);
      mount(
              kind,
              kind.endsWith("VOLUME") ? volumeName(source) : source,
              fields.get("target").text("target"))
          .put(
              "readOnly",
              fields.containsKey("read_only") && fields.get("read_only").flag("read_only"));
      return;
    }
    String[] parts = value.text("volumes").split(":", 3);
    if (parts.length == 1) {
      mount("MOUNT_TYPE_VOLUME", "", parts[0]);
      return;
    }
    boolean path = parts[0].startsWith("/");
    if (parts[0].startsWith(".") || parts[0].startsWith("~")) {
      throw value.wrong("'%s': bind mounts need an absolute path".formatted(parts[0]));
    }
    mount(
            path ? "MOUNT_TYPE_BIND" : "MOUNT_TYPE_VOLUME",
            path ? parts[0] : volumeName(parts[0]),
            parts[1])
        .put("readOnly", parts.length == 3 && List.of(parts[2].split(",", -1)).contains("ro"));
  }

  private String volumeName(String source) {
    return source.isEmpty() ? "" : volumeNames.getOrDefault(source, project + "_" + source);
  }

  private ObjectNode mount(String type, String source, String target) {
    return spec.withArray("/mounts")
        .addObject()
        .put("type", type)
        .put("source", source)
        .put("target", target);
  }

  private void restart(Yaml value) {
    String policy = value.text("restart");
    ObjectNode restart = spec.putObject("restart");
    try {
      RestartWish.parse(policy).into(restart);
    } catch (IllegalArgumentException e) {
      throw value.wrong(String.valueOf(e.getMessage()));
    }
  }

  private void pullPolicy(Yaml value) {
    String policy = value.text("pull_policy");
    switch (policy) {
      case "always", "missing", "never" ->
          spec.put("pull", "PULL_POLICY_" + policy.toUpperCase(Locale.ROOT));
      default ->
          throw value.wrong("pull_policy '%s' must be always, missing or never".formatted(policy));
    }
  }
}
