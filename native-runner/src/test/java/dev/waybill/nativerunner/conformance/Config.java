package dev.waybill.nativerunner.conformance;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A config.json that is changed member by member. */
final class Config {
  private static final JsonMapper JSON = new JsonMapper();
  private static final String BASE =
      """
      {"ociVersion":"1.0.2",
       "process":{"args":["true"],"cwd":"/","env":["PATH=/bin"],"user":{"uid":0,"gid":0},
        "capabilities":{"bounding":["CAP_CHOWN","CAP_KILL"],"effective":["CAP_CHOWN","CAP_KILL"],
         "permitted":["CAP_CHOWN","CAP_KILL"]},"noNewPrivileges":true},
       "root":{"path":"rootfs"},
       "hostname":"box",
       "mounts":[
        {"destination":"/proc","type":"proc","source":"proc"},
        {"destination":"/dev","type":"tmpfs","source":"tmpfs",
         "options":["nosuid","mode=755","size=65536k"]},
        {"destination":"/dev/pts","type":"devpts","source":"devpts",
         "options":["nosuid","noexec","newinstance","ptmxmode=0666","mode=0620","gid=5"]},
        {"destination":"/dev/shm","type":"tmpfs","source":"shm",
         "options":["nosuid","noexec","nodev","mode=1777","size=65536k"]},
        {"destination":"/sys","type":"sysfs","source":"sysfs",
         "options":["nosuid","noexec","nodev","ro"]}],
       "linux":{"namespaces":[{"type":"pid"},{"type":"mount"},{"type":"ipc"},{"type":"uts"},
         {"type":"network"}],
        "resources":{"devices":[{"allow":false,"access":"rwm"}]}}}
      """;

  private final ObjectNode root;

  Config() {
    this.root = (ObjectNode) parse(BASE);
  }

  private static JsonNode parse(String json) {
    try {
      return JSON.readTree(json);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(json, e);
    }
  }

  private static String quoted(String... words) {
    ArrayNode array = JSON.createArrayNode();
    for (String word : words) {
      array.add(word);
    }
    return array.toString();
  }

  /** Sets a member, such as {@code process.cwd}, to a JSON value. */
  Config set(String path, String json) {
    String[] parts = path.split("\\.");
    ObjectNode at = root;
    for (int i = 0; i < parts.length - 1; i++) {
      at = at.withObject("/" + parts[i]);
    }
    at.set(parts[parts.length - 1], parse(json));
    return this;
  }

  Config text(String path, String value) {
    return set(path, JSON.getNodeFactory().textNode(value).toString());
  }

  /** Adds to an array. */
  Config add(String path, String json) {
    String[] parts = path.split("\\.");
    ObjectNode at = root;
    for (int i = 0; i < parts.length - 1; i++) {
      at = at.withObject("/" + parts[i]);
    }
    at.withArray("/" + parts[parts.length - 1]).add(parse(json));
    return this;
  }

  Config remove(String member) {
    root.remove(member);
    return this;
  }

  Config args(String... words) {
    return set("process.args", quoted(words));
  }

  /** Runs a line of shell. */
  Config shell(String line) {
    return args("sh", "-c", line);
  }

  Config capabilities(String... names) {
    for (String set : new String[] {"bounding", "effective", "permitted"}) {
      set("process.capabilities." + set, quoted(names));
    }
    return this;
  }

  Config without(String namespace) {
    ArrayNode namespaces = root.withObject("/linux").withArray("/namespaces");
    for (int i = namespaces.size() - 1; i >= 0; i--) {
      if (namespaces.get(i).path("type").asText().equals(namespace)) {
        namespaces.remove(i);
      }
    }
    return this;
  }

  /** A namespace that is joined. */
  Config joins(String namespace, String path) {
    return without(namespace)
        .add("linux.namespaces", "{\"type\":\"%s\",\"path\":\"%s\"}".formatted(namespace, path));
  }

  Config mount(String destination, String type, String source, String... options) {
    return add(
        "mounts",
        "{\"destination\":\"%s\",\"type\":\"%s\",\"source\":\"%s\",\"options\":%s}"
            .formatted(destination, type, source, quoted(options)));
  }

  /** A hook that runs a line of the host's shell. */
  Config hook(String moment, String line) {
    return add(
        "hooks." + moment,
        "{\"path\":\"/bin/sh\",\"args\":%s,\"env\":[\"PATH=/usr/bin:/bin\"]}"
            .formatted(quoted("sh", "-c", line)));
  }

  /** A new user namespace with these maps, and no id in the mounts that they lack. */
  Config userSpace(String uidMappings, String gidMappings) {
    add("linux.namespaces", "{\"type\":\"user\"}");
    set("linux.uidMappings", uidMappings).set("linux.gidMappings", gidMappings);
    return withoutGroups();
  }

  /** No group in the mounts, where it may mean nobody. */
  Config withoutGroups() {
    for (JsonNode mount : root.withArray("/mounts")) {
      ArrayNode options = ((ObjectNode) mount).withArray("/options");
      for (int i = options.size() - 1; i >= 0; i--) {
        if (options.get(i).asText().startsWith("gid=")) {
          options.remove(i);
        }
      }
    }
    return this;
  }

  void write(Path bundle) throws IOException {
    Files.writeString(bundle.resolve("config.json"), root.toPrettyString());
  }
}
