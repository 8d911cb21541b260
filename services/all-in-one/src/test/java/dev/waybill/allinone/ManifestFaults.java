package dev.waybill.allinone;

import static dev.waybill.allinone.Manifests.at;
import static dev.waybill.allinone.Manifests.each;
import static dev.waybill.allinone.Manifests.map;
import static dev.waybill.allinone.Manifests.maps;
import static dev.waybill.allinone.Manifests.strings;

import dev.waybill.allinone.Manifests.Workload;
import dev.waybill.contracts.Topic;
import dev.waybill.eventlog.Cell;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Compares Kubernetes objects with what the code reads, writes and needs. */
final class ManifestFaults {
  /** Secrets that whoever deploys makes by hand, as k8s/README.md says. */
  private static final Set<String> BY_HAND = Set.of("waybill-admin-token", "waybill-node-token");

  private static final Pattern EXPRESSION = Pattern.compile("\\$\\{([A-Z_]+)}");

  private final Manifests all;
  private final List<String> faults = new ArrayList<>();

  private ManifestFaults(Manifests all) {
    this.all = all;
  }

  static List<String> of(Manifests all) {
    var check = new ManifestFaults(all);
    check.settings();
    check.topics();
    check.users();
    check.services();
    check.references();
    check.privileges();
    return check.faults;
  }

  private void fault(String text, Object... arguments) {
    faults.add(text.formatted(arguments));
  }

  private void settings() {
    all.files()
        .forEach(
            (file, settings) ->
                settings.stringPropertyNames().stream()
                    .filter(key -> !KnownSettings.has(key))
                    .forEach(key -> fault("%s: nothing reads %s", file, key)));
    for (Workload workload : all.workloads()) {
      for (Map<String, Object> container : workload.containers()) {
        Manifests.environment(container).stream()
            .filter(name -> !KnownSettings.hasVariable(name))
            .forEach(name -> fault("%s: nothing reads %s", workload.name(), name));
      }
    }
  }

  private void topics() {
    Properties cell = all.files().getOrDefault("cell.properties", new Properties());
    int partitions = Integer.parseInt(cell.getProperty("waybill.cell.assignment-partitions", "0"));
    Map<String, Map<String, Object>> found = new TreeMap<>();
    all.ofKind("KafkaTopic").forEach(topic -> found.put(Manifests.name(topic), topic));
    for (Topic topic : Topic.values()) {
      Map<String, Object> spec = map(at(found.remove(topic.topicName()), "spec"));
      String policy = topic.keeping() == Topic.Keeping.FOR_GOOD ? "delete" : "compact";
      expect(topic, "cleanup.policy", policy, at(spec, "config", "cleanup.policy"));
      expect(topic, "retention.ms", -1, at(spec, "config", "retention.ms"));
      expect(topic, "retention.bytes", -1, at(spec, "config", "retention.bytes"));
      expect(
          topic,
          "message.timestamp.type",
          "LogAppendTime",
          at(spec, "config", "message.timestamp.type"));
      int wanted = new Cell("local", 0, partitions).partitions(topic);
      expect(topic, "partitions", wanted, spec.get("partitions"));
    }
    found.keySet().forEach(name -> fault("topic %s is none of the contracts'", name));
  }

  private void expect(Topic topic, String what, Object wanted, Object found) {
    if (!wanted.equals(found)) {
      fault("topic %s: %s is %s instead of %s", topic.topicName(), what, found, wanted);
    }
  }

  private void users() {
    for (Service service : Service.values()) {
      Set<String> writes = new TreeSet<>();
      Set<String> reads = new TreeSet<>();
      all.ofKind("KafkaUser").stream()
          .filter(user -> Manifests.name(user).equals("waybill-" + service.id()))
          .flatMap(user -> maps(at(user, "spec", "authorization", "acls")).stream())
          .filter(acl -> "topic".equals(at(acl, "resource", "type")))
          .forEach(
              acl -> {
                String name = String.valueOf(at(acl, "resource", "name"));
                List<String> operations = strings(acl.get("operations"));
                addIf(operations.contains("Write"), writes, name);
                addIf(operations.contains("Read"), reads, name);
              });
      Set<String> wantedWrites = new TreeSet<>();
      Set<String> wantedReads = new TreeSet<>();
      for (Topic topic : Topic.values()) {
        boolean writer = List.of(topic.writers().split(", ")).contains(service.id());
        boolean reader = List.of(topic.readers().split(", ")).contains(service.id());
        // A replay compares with the hashes of the snapshots.
        boolean replays = service == Service.AUDIT && topic == Topic.SNAPSHOTS;
        addIf(writer, wantedWrites, topic.topicName());
        addIf(writer || reader || replays, wantedReads, topic.topicName());
      }
      same(service + " writes", wantedWrites, writes);
      same(service + " reads", wantedReads, reads);
    }
  }

  private static void addIf(boolean condition, Set<String> set, String element) {
    if (condition) {
      set.add(element);
    }
  }

  private void same(String what, Set<String> wanted, Set<String> found) {
    if (!wanted.equals(found)) {
      fault("%s %s instead of %s", what, found, wanted);
    }
  }

  private void services() {
    Map<Service, List<String>> where = new EnumMap<>(Service.class);
    for (Workload workload : all.workloads()) {
      for (Map<String, Object> container : workload.containers()) {
        for (String names : Manifests.option(container, "--services")) {
          for (String name : names.split(",")) {
            Service service = Service.of(name).orElse(null);
            if (service == null) {
              fault("%s: unknown service %s", workload.name(), name);
            } else {
              where.computeIfAbsent(service, s -> new ArrayList<>()).add(workload.name());
              needs(workload, container, service);
            }
          }
        }
      }
    }
    for (Service service : Service.values()) {
      List<String> workloads = where.getOrDefault(service, List.of());
      if (workloads.size() != 1) {
        fault("%s runs in %s instead of one workload", service.id(), workloads);
      }
    }
  }

  /** What the service can't start without is in its files or its environment. */
  private void needs(Workload workload, Map<String, Object> container, Service service) {
    Set<String> environment = Manifests.environment(container);
    Set<String> keys = new TreeSet<>();
    for (String path : Manifests.option(container, "--config")) {
      String file = path.substring(path.lastIndexOf('/') + 1);
      Properties settings = all.files().get(file);
      if (settings == null) {
        fault("%s: no ConfigMap has %s", workload.name(), file);
        continue;
      }
      keys.addAll(settings.stringPropertyNames());
      for (Object value : settings.values()) {
        Matcher variables = EXPRESSION.matcher(value.toString());
        while (variables.find()) {
          if (!environment.contains(variables.group(1))) {
            fault("%s: %s needs %s", workload.name(), file, variables.group(1));
          }
        }
      }
    }
    List<String> required = new ArrayList<>(service.required());
    required.add(ServeOptions.BOOTSTRAP);
    for (String key : required) {
      if (!keys.contains(key) && !environment.contains(KnownSettings.variable(key))) {
        fault("%s: %s needs %s", workload.name(), service.id(), key);
      }
    }
  }

  private void references() {
    Set<String> secrets = new TreeSet<>(BY_HAND);
    secrets.addAll(all.names("Secret"));
    // What the operators make.
    secrets.addAll(all.names("KafkaUser"));
    all.names("Kafka").forEach(name -> secrets.add(name + "-cluster-ca-cert"));
    all.names("Cluster").forEach(name -> secrets.add(name + "-app"));
    for (Workload workload : all.workloads()) {
      Map<String, Object> pod = workload.pod();
      each(pod, "secretName", name -> known(workload, "Secret", secrets, name));
      each(pod, "secretKeyRef", ref -> known(workload, "Secret", secrets, at(ref, "name")));
      each(pod, "configMap", ref -> known(workload, "ConfigMap", at(ref, "name")));
      each(pod, "configMapKeyRef", ref -> known(workload, "ConfigMap", at(ref, "name")));
      each(pod, "claimName", name -> known(workload, "PersistentVolumeClaim", name));
      known(workload, "ServiceAccount", pod.get("serviceAccountName"));
      Set<String> volumes = new TreeSet<>();
      maps(pod.get("volumes")).forEach(volume -> volumes.add(String.valueOf(volume.get("name"))));
      each(
          pod,
          "volumeMounts",
          mounts ->
              maps(mounts).forEach(mount -> known(workload, "volume", volumes, mount.get("name"))));
    }
    for (Map<String, Object> ingress : all.ofKind("Ingress")) {
      each(
          ingress,
          "service",
          service -> {
            if (!all.names("Service").contains(String.valueOf(at(service, "name")))) {
              fault("ingress: no Service %s", at(service, "name"));
            }
          });
    }
  }

  private void known(Workload workload, String kind, Object name) {
    known(workload, kind, new TreeSet<>(all.names(kind)), name);
  }

  private void known(Workload workload, String kind, Set<String> names, Object name) {
    if (!names.contains(String.valueOf(name))) {
      fault("%s: no %s %s", workload.name(), kind, name);
    }
  }

  private void privileges() {
    for (Workload workload : all.workloads()) {
      for (Map<String, Object> container : workload.containers()) {
        String name = String.valueOf(container.get("name"));
        if (!name.equals("native-runner")) {
          unprivileged(workload, name, map(container.get("securityContext")));
        }
      }
    }
  }

  private void unprivileged(Workload workload, String container, Map<String, Object> context) {
    String where = workload.name() + "/" + container;
    boolean closed =
        !Boolean.TRUE.equals(context.get("privileged"))
            && Boolean.FALSE.equals(context.get("allowPrivilegeEscalation"))
            && Boolean.TRUE.equals(context.get("readOnlyRootFilesystem"))
            && strings(at(context, "capabilities", "drop")).contains("ALL");
    if (!closed) {
      fault("%s may do more than it needs", where);
    }
    // Layers are unpacked with their owners and devices, which takes root, but not the host.
    boolean unpacks = container.equals("node-runner");
    if (!unpacks && !Boolean.TRUE.equals(at(workload.pod(), "securityContext", "runAsNonRoot"))) {
      fault("%s runs as root", where);
    }
    List<String> added = strings(at(context, "capabilities", "add"));
    if (unpacks ? added.stream().anyMatch(c -> c.startsWith("SYS_")) : !added.isEmpty()) {
      fault("%s has the capabilities %s", where, added);
    }
  }
}
