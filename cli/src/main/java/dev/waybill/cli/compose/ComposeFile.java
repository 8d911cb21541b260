package dev.waybill.cli.compose;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/** Reads a Compose file. */
public final class ComposeFile {
  static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> TOP_LEVEL =
      Set.of("version", "name", "services", "networks", "volumes");
  private static final Set<String> NETWORK =
      Set.of("driver", "ipam", "name", "external", "internal");
  private static final Set<String> VOLUME = Set.of("driver", "name", "external", "labels");

  private final String project;
  private final Map<String, String> networkNames = new LinkedHashMap<>();
  private final Map<String, String> volumeNames = new LinkedHashMap<>();
  private final List<ObjectNode> networks = new ArrayList<>();

  private ComposeFile(String project) {
    this.project = project;
  }

  /**
   * Reads a file.
   *
   * @param file its name, for complaints
   * @param project used where the file names none
   * @param environment for variables in the text
   * @throws ComposeException naming line and column of what can't be followed
   */
  public static Definition read(
      String file, String text, String project, Map<String, String> environment) {
    Yaml root = Yaml.parse(file, text, new Interpolation(environment));
    SequencedMap<String, Yaml> top = root.entries("the file");
    if (top.containsKey("apiVersion")) {
      throw root.wrong("this is Kubernetes YAML, 'apply' reads Compose files");
    }
    root.entries("the file", TOP_LEVEL);
    if (!top.containsKey("services")) {
      throw root.wrong("a Compose file needs 'services:'");
    }
    String name = text(top, "name", project);
    return new ComposeFile(name).read(top, top.getOrDefault("services", root));
  }

  private Definition read(SequencedMap<String, Yaml> top, Yaml serviceList) {
    readNetworks(top);
    readVolumes(top);
    SequencedMap<String, Yaml> services = serviceList.entries("services");
    Map<String, ObjectNode> workloads = new LinkedHashMap<>();
    boolean anyDefault = false;
    for (Map.Entry<String, Yaml> service : services.entrySet()) {
      var reader =
          new ComposeService(
              service.getKey(), project, networkNames, volumeNames, services.keySet());
      ObjectNode workload = reader.read(service.getValue());
      anyDefault |= reader.usesDefaultNetwork();
      workloads.put(service.getKey(), workload);
    }
    if (anyDefault && !networkNames.containsKey("default")) {
      networks.addFirst(network(project + "_default", ""));
    }
    return new Definition(project, networks, inOrder(workloads, serviceList));
  }

  private static String text(SequencedMap<String, Yaml> fields, String field, String otherwise) {
    Yaml value = fields.get(field);
    return value == null ? otherwise : value.text(field);
  }

  private void readNetworks(SequencedMap<String, Yaml> top) {
    if (!top.containsKey("networks")) {
      return;
    }
    for (Map.Entry<String, Yaml> entry : top.get("networks").entries("networks").entrySet()) {
      String what = "network " + entry.getKey();
      SequencedMap<String, Yaml> fields =
          entry.getValue().isNull()
              ? new LinkedHashMap<>()
              : entry.getValue().entries(what, NETWORK);
      String name = text(fields, "name", project + "_" + entry.getKey());
      boolean external = fields.containsKey("external") && fields.get("external").flag("external");
      networkNames.put(
          entry.getKey(), external && !fields.containsKey("name") ? entry.getKey() : name);
      if (!external) {
        networks.add(network(name, subnet(fields)));
      }
    }
  }

  private static String subnet(SequencedMap<String, Yaml> fields) {
    if (!fields.containsKey("ipam")) {
      return "";
    }
    SequencedMap<String, Yaml> ipam =
        fields.get("ipam").entries("ipam", Set.of("config", "driver"));
    for (Yaml config :
        ipam.containsKey("config") ? ipam.get("config").items("ipam.config") : List.<Yaml>of()) {
      SequencedMap<String, Yaml> range = config.entries("ipam.config", Set.of("subnet", "gateway"));
      if (range.containsKey("subnet")) {
        return range.get("subnet").text("subnet");
      }
    }
    return "";
  }

  private ObjectNode network(String name, String subnet) {
    return JSON.createObjectNode().put("name", name).put("subnet", subnet).put("project", project);
  }

  private void readVolumes(SequencedMap<String, Yaml> top) {
    if (!top.containsKey("volumes")) {
      return;
    }
    for (Map.Entry<String, Yaml> entry : top.get("volumes").entries("volumes").entrySet()) {
      String what = "volume " + entry.getKey();
      SequencedMap<String, Yaml> fields =
          entry.getValue().isNull()
              ? new LinkedHashMap<>()
              : entry.getValue().entries(what, VOLUME);
      volumeNames.put(entry.getKey(), text(fields, "name", project + "_" + entry.getKey()));
    }
  }

  /** Dependencies first; a circle is refused. */
  private static List<ObjectNode> inOrder(Map<String, ObjectNode> workloads, Yaml services) {
    var ordered = new LinkedHashSet<String>();
    for (String name : workloads.keySet()) {
      visit(name, workloads, ordered, new LinkedHashSet<>(), services);
    }
    return ordered.stream().map(workloads::get).toList();
  }

  private static void visit(
      String name,
      Map<String, ObjectNode> workloads,
      Set<String> ordered,
      Set<String> above,
      Yaml services) {
    if (ordered.contains(name)) {
      return;
    }
    if (!above.add(name)) {
      throw services.wrong(
          "services depend on each other in a circle: " + String.join(" -> ", above));
    }
    ObjectNode workload = workloads.get(name);
    if (workload != null) {
      workload
          .path("dependsOn")
          .forEach(on -> visit(on.asText(), workloads, ordered, above, services));
    }
    above.remove(name);
    ordered.add(name);
  }
}
