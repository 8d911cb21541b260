package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** One runtime with one bundle for one case; closing it deletes what the case left. */
final class Trial implements AutoCloseable {
  private static final int TIMEOUT_SECONDS = 20;
  private static final int TRIES = 400;

  private final Peer peer;
  private final Path dir;
  private final String id;
  private final Config config = new Config();
  private final List<String> ids = new ArrayList<>();
  private int commands;
  private boolean rootless;
  private boolean saysRoot = true;
  private List<String> before = List.of();

  Trial(Peer peer, Path dir, String id) throws IOException {
    this.peer = peer;
    this.dir = dir;
    this.id = id;
    Busybox.rootfs(rootfs());
    ids.add(id);
  }

  /** How a command ended. */
  record Result(int code, String out, String err) {
    Result succeeded() {
      assertThat(code).as(out + err).isZero();
      return this;
    }

    Result refused(String because) {
      assertThat(code).as(out + err).isNotZero();
      assertThat(err + out).containsIgnoringCase(because);
      return this;
    }

    /** Standard output without the last line's end. */
    String text() {
      assertThat(code).as(out + err).isZero();
      return out.strip();
    }
  }

  /** From here on the commands are those of a user without rights, whose the bundle is. */
  void becomeRootless() throws IOException {
    rootless = true;
    Path etc = Files.createDirectories(dir.resolve("etc"));
    String home = dir.toString();
    Files.writeString(
        etc.resolve("passwd"),
        "root:x:0:0::/:/bin/sh\nwbtest:x:%d:%d::%s:/bin/sh\n".formatted(Peer.UID, Peer.UID, home));
    Files.writeString(etc.resolve("subuid"), "wbtest:%d:1000\n".formatted(Peer.GRANTED));
    Files.writeString(etc.resolve("subgid"), "wbtest:%d:1000\n".formatted(Peer.GRANTED));
    Files.createDirectories(dir.resolve("run"));
    Shell.run("chown -R %d:%d %s".formatted(Peer.UID, Peer.UID, dir));
  }

  /** From here on a command comes after these words, such as those of unshare. */
  void within(String... words) {
    before = List.of(words);
  }

  /** From here on the runtime itself chooses where a user's containers are kept. */
  void keepStateAtHome() {
    saysRoot = false;
  }

  Peer peer() {
    return peer;
  }

  Config config() {
    return config;
  }

  Path dir() {
    return dir;
  }

  Path rootfs() {
    return dir.resolve("rootfs");
  }

  String id() {
    return id;
  }

  /** Runs the runtime with these words. */
  Result command(String... words) throws Exception {
    return commandWithInput("", words);
  }

  Result commandWithInput(String input, String... words) throws Exception {
    List<String> command =
        rootless ? peer.rootlessCommand(dir) : new ArrayList<>(peer.command(dir.resolve("state")));
    if (rootless && saysRoot) {
      command.addAll(List.of("--root", dir.resolve("state").toString()));
    }
    command.addAll(List.of(words));
    command.addAll(0, before);
    int number = commands++;
    // Files, not pipes: a container keeps its stdio longer than `create` lives.
    Path in = dir.resolve(number + ".in");
    Path out = dir.resolve(number + ".out");
    Path err = dir.resolve(number + ".err");
    Files.writeString(in, input);
    ProcessBuilder builder =
        new ProcessBuilder(command)
            .redirectInput(in.toFile())
            .redirectOutput(out.toFile())
            .redirectError(err.toFile());
    builder.environment().putAll(peer.environment());
    Process process = builder.start();
    if (!process.waitFor(TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError(String.join(" ", words) + " did not end");
    }
    return new Result(process.exitValue(), Files.readString(out), Files.readString(err));
  }

  /** Runs the container in the foreground. */
  Result run() throws Exception {
    config.write(dir);
    return command("run", "--bundle", dir.toString(), id);
  }

  /** Runs a line of shell in the container; what it says. */
  String shell(String line) throws Exception {
    config.shell(line);
    return run().text();
  }

  Result create() throws Exception {
    config.write(dir);
    return command("create", "--bundle", dir.toString(), id);
  }

  Result start() throws Exception {
    return command("start", id);
  }

  /** Creates and starts; what it writes is in {@link #output}. */
  void launch() throws Exception {
    create().succeeded();
    start().succeeded();
  }

  JsonNode state() throws Exception {
    return new JsonMapper().readTree(command("state", id).succeeded().out());
  }

  String status() throws Exception {
    return state().path("status").asText();
  }

  /** Waits for a status, for the kernel tells nobody who asks by command. */
  void await(String status) throws Exception {
    for (int i = 0; i < TRIES; i++) {
      if (status().equals(status)) {
        return;
      }
      Thread.sleep(10);
    }
    throw new AssertionError("not " + status + " but " + status());
  }

  /** A file that something in or about the container wrote. */
  String file(Path path) throws Exception {
    // There before it has content, for a moment.
    for (int i = 0; i < TRIES && (!Files.exists(path) || Files.size(path) == 0); i++) {
      Thread.sleep(10);
    }
    return Files.exists(path) ? Files.readString(path).strip() : "(no " + path.getFileName() + ")";
  }

  @Override
  public void close() throws Exception {
    command("delete", "--force", id);
    Shell.run("umount -R " + dir + "/rootfs 2>/dev/null; rm -rf " + dir);
  }
}
