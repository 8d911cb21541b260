package dev.waybill.oci.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.oci.image.ContainerConfig.Healthcheck;
import dev.waybill.oci.image.ImageConfig.History;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import org.jspecify.annotations.Nullable;

/**
 * Writes manifests, indexes and configurations: fields in the order of the specification, maps
 * sorted, no spaces. The same value gives the same bytes, hence the same digest.
 */
public final class ImageWriter {
  private static final ObjectMapper MAPPER = new ObjectMapper();
  private static final JsonNodeFactory JSON = JsonNodeFactory.instance;

  private ImageWriter() {}

  /** The bytes of a manifest or an index. */
  public static byte[] write(ImageDocument document) {
    ObjectNode root = JSON.objectNode().put("schemaVersion", 2);
    root.put("mediaType", document.mediaType());
    putText(root, "artifactType", document.artifactType());
    switch (document) {
      case Manifest manifest -> {
        root.set("config", descriptor(manifest.config()));
        root.set("layers", descriptors(manifest.layers()));
      }
      case ImageIndex index -> root.set("manifests", descriptors(index.manifests()));
    }
    Descriptor subject = document.subject();
    if (subject != null) {
      root.set("subject", descriptor(subject));
    }
    putMap(root, "annotations", document.annotations());
    return bytes(root);
  }

  /** The bytes of an image configuration. */
  public static byte[] write(ImageConfig image) {
    ObjectNode root = JSON.objectNode();
    if (image.created() != null) {
      root.put("created", image.created().toString());
    }
    putText(root, "author", image.author());
    putPlatform(root, image.platform());
    root.set("config", container(image.config()));
    ObjectNode rootfs = root.putObject("rootfs").put("type", "layers");
    ArrayNode diffIds = rootfs.putArray("diff_ids");
    image.diffIds().forEach(diffId -> diffIds.add(diffId.toString()));
    if (!image.history().isEmpty()) {
      ArrayNode history = root.putArray("history");
      image.history().forEach(step -> history.add(history(step)));
    }
    return bytes(root);
  }

  private static ArrayNode descriptors(List<Descriptor> all) {
    ArrayNode array = JSON.arrayNode();
    all.forEach(one -> array.add(descriptor(one)));
    return array;
  }

  private static ObjectNode descriptor(Descriptor value) {
    ObjectNode node = JSON.objectNode();
    node.put("mediaType", value.mediaType());
    node.put("digest", value.digest().toString());
    node.put("size", value.size());
    putText(node, "artifactType", value.artifactType());
    putMap(node, "annotations", value.annotations());
    Platform platform = value.platform();
    if (platform != null) {
      putPlatform(node.putObject("platform"), platform);
    }
    return node;
  }

  private static void putPlatform(ObjectNode node, Platform platform) {
    node.put("architecture", platform.architecture()).put("os", platform.os());
    putText(node, "variant", platform.variant());
    putText(node, "os.version", platform.osVersion());
  }

  private static ObjectNode container(ContainerConfig config) {
    ObjectNode node = JSON.objectNode();
    putText(node, "User", config.user());
    putNames(node, "ExposedPorts", config.exposedPorts());
    putList(node, "Env", config.env());
    putList(node, "Entrypoint", config.entrypoint());
    putList(node, "Cmd", config.cmd());
    putNames(node, "Volumes", config.volumes());
    putText(node, "WorkingDir", config.workingDir());
    putMap(node, "Labels", config.labels());
    putText(node, "StopSignal", config.stopSignal());
    Healthcheck check = config.healthcheck();
    if (check != null) {
      node.set("Healthcheck", healthcheck(check));
    }
    putList(node, "Shell", config.shell());
    return node;
  }

  private static ObjectNode healthcheck(Healthcheck check) {
    ObjectNode node = JSON.objectNode();
    putList(node, "Test", check.test());
    putNanoseconds(node, "Interval", check.interval());
    putNanoseconds(node, "Timeout", check.timeout());
    putNanoseconds(node, "StartPeriod", check.startPeriod());
    putNanoseconds(node, "StartInterval", check.startInterval());
    if (check.retries() > 0) {
      node.put("Retries", check.retries());
    }
    return node;
  }

  private static ObjectNode history(History step) {
    ObjectNode node = JSON.objectNode();
    if (step.created() != null) {
      node.put("created", step.created().toString());
    }
    putText(node, "created_by", step.createdBy());
    putText(node, "comment", step.comment());
    if (step.content() == History.Content.NONE) {
      node.put("empty_layer", true);
    }
    return node;
  }

  private static void putText(ObjectNode node, String field, @Nullable String value) {
    if (value != null && !value.isEmpty()) {
      node.put(field, value);
    }
  }

  private static void putNanoseconds(ObjectNode node, String field, Duration value) {
    if (!value.isZero()) {
      node.put(field, value.toNanos());
    }
  }

  private static void putList(ObjectNode node, String field, List<String> values) {
    if (!values.isEmpty()) {
      ArrayNode array = node.putArray(field);
      values.forEach(array::add);
    }
  }

  private static void putNames(ObjectNode node, String field, Collection<String> names) {
    if (!names.isEmpty()) {
      ObjectNode set = node.putObject(field);
      names.forEach(set::putObject);
    }
  }

  private static void putMap(ObjectNode node, String field, SortedMap<String, String> values) {
    if (!values.isEmpty()) {
      ObjectNode map = node.putObject(field);
      values.forEach(map::put);
    }
  }

  private static byte[] bytes(JsonNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree in memory can always be written", e);
    }
  }
}
