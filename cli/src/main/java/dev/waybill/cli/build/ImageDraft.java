package dev.waybill.cli.build;

import dev.waybill.oci.image.ContainerConfig;
import dev.waybill.oci.image.ContainerConfig.Healthcheck;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfig.History;
import dev.waybill.oci.image.Platform;
import java.time.Instant;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** An image as far as it is built. */
final class ImageDraft {
  private final Platform platform;
  private final Instant created;
  private final List<BuildLayer> layers = new ArrayList<>();
  private final List<History> history = new ArrayList<>();
  private final Map<String, String> env = new LinkedHashMap<>();
  private final TreeSet<String> exposedPorts = new TreeSet<>();
  private final TreeSet<String> volumes = new TreeSet<>();
  private final TreeMap<String, String> labels = new TreeMap<>();
  private List<String> entrypoint = List.of();
  private List<String> cmd = List.of();
  private List<String> shell = List.of();
  private String user = "";
  private String workingDir = "";
  private @Nullable String author;
  private @Nullable String stopSignal;
  private @Nullable Healthcheck healthcheck;

  /**
   * @param created what the image and all its steps say about when
   */
  ImageDraft(Platform platform, Instant created) {
    this.platform = platform;
    this.created = created;
  }

  /** Begins as another image is. */
  static ImageDraft of(ImageConfig base, List<BuildLayer> layers, Instant created) {
    var draft = new ImageDraft(base.platform(), created);
    ContainerConfig config = base.config();
    draft.layers.addAll(layers);
    draft.history.addAll(base.history());
    config.env().forEach(draft::putEnv);
    draft.exposedPorts.addAll(config.exposedPorts());
    draft.volumes.addAll(config.volumes());
    draft.labels.putAll(config.labels());
    draft.entrypoint = config.entrypoint();
    draft.cmd = config.cmd();
    draft.shell = config.shell();
    draft.user = config.user();
    draft.workingDir = config.workingDir();
    draft.author = base.author();
    draft.stopSignal = config.stopSignal();
    draft.healthcheck = config.healthcheck();
    return draft;
  }

  private void putEnv(String entry) {
    int equals = entry.indexOf('=');
    env.put(entry.substring(0, Math.max(0, equals)), entry.substring(equals + 1));
  }

  ImageConfig config() {
    var container =
        new ContainerConfig(
            user,
            exposedPorts,
            environment(),
            entrypoint,
            cmd,
            volumes,
            workingDir,
            labels,
            stopSignal,
            healthcheck,
            shell);
    return new ImageConfig(
        platform,
        created,
        author,
        container,
        layers.stream().map(BuildLayer::diffId).toList(),
        history);
  }

  List<String> environment() {
    return env.entrySet().stream().map(e -> e.getKey() + "=" + e.getValue()).toList();
  }

  /** A step that left a layer. */
  void layer(String by, BuildLayer layer) {
    layers.add(layer);
    history.add(new History(created, by, "", History.Content.LAYER));
  }

  /** A step that left none. */
  void noLayer(String by) {
    history.add(new History(created, by, "", History.Content.NONE));
  }

  List<BuildLayer> layers() {
    return List.copyOf(layers);
  }

  Platform platform() {
    return platform;
  }

  Map<String, String> env() {
    return env;
  }

  Map<String, String> labels() {
    return labels;
  }

  void expose(String port) {
    exposedPorts.add(port);
  }

  void volume(String path) {
    volumes.add(path);
  }

  /** A new program makes the arguments that the base had for its own meaningless. */
  void entrypoint(List<String> program, boolean keepsArguments) {
    entrypoint = List.copyOf(program);
    cmd = keepsArguments ? cmd : List.of();
  }

  void cmd(List<String> arguments) {
    cmd = List.copyOf(arguments);
  }

  void user(String name) {
    user = name;
  }

  String user() {
    return user;
  }

  void workingDir(String path) {
    workingDir = path;
  }

  String workingDir() {
    return workingDir.isEmpty() ? "/" : workingDir;
  }

  void author(String name) {
    author = name;
  }

  void stopSignal(String signal) {
    stopSignal = signal;
  }

  void healthcheck(Healthcheck check) {
    healthcheck = check;
  }

  void shell(List<String> words) {
    shell = List.copyOf(words);
  }

  /** What the shell form of an instruction is run by. */
  List<String> shell() {
    return shell.isEmpty() ? List.of("/bin/sh", "-c") : shell;
  }
}
