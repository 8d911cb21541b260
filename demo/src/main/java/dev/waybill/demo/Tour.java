package dev.waybill.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The steps of the guided run, in order. */
final class Tour {
  private static final Duration SOON = Duration.ofSeconds(60);
  private static final int LINE_MAX = 112;
  private static final int REPLICAS = 3;
  private static final Pattern ANSWER = Pattern.compile("web at \\S+ answers: (\\S+)");

  private final Platform platform;
  private final Console console;
  private final LoopbackRegistry upstream;

  Tour(Platform platform, Console console, LoopbackRegistry upstream) {
    this.platform = platform;
    this.console = console;
    this.upstream = upstream;
  }

  /** Takes all steps while the platform runs; what it put on the host meanwhile. */
  HostInventory run() {
    console.step("A platform of its own: broker, database and all services");
    console.held(
        platform.run("up", "-d", "--data", platform.data() + "", "--port", "0").output().strip());
    try (var feed = new EventFeed(platform.client(), console)) {
      mirror(feed);
      HostInventory inventory = HostInventory.of(platform.data());
      Path compose = apply(feed);
      inventory.noteLinks();
      talk("the client finds web by name, and every replica answers", REPLICAS);
      String replacement = kill(feed);
      inventory.noteLinks();
      refuse(feed);
      why(replacement);
      replay();
      remove(compose, feed);
      return inventory;
    }
  }

  private void mirror(EventFeed feed) {
    console.step("Images come from an upstream registry, by policy");
    MadeImage web = publish("web");
    MadeImage client = publish("client");
    for (String name : List.of("web", "client")) {
      platform.run(
          "registry",
          "policy",
          "set",
          name,
          "--upstream",
          upstream.host() + "/demo/" + name,
          "--mirror");
    }
    for (MadeImage image : List.of(web, client)) {
      feed.await("TagDiscovered", 1, SOON, e -> is(e, "digest", image.digest() + ""));
      feed.await("ImageMirrored", 1, SOON, e -> is(e, "digest", image.digest() + ""));
    }
    console.held("both images are in the platform's registry, under the digests they had upstream");
  }

  private MadeImage publish(String name) {
    MadeImage image = DemoImages.make(name);
    upstream.add("demo/" + name, "1", image);
    console.text(
        "upstream has %s/demo/%s:1, a static program of %d KB"
            .formatted(upstream.host(), name, size(image) / 1024));
    return image;
  }

  private static long size(MadeImage image) {
    return image.blobs().values().stream().mapToLong(blob -> blob.length).sum();
  }

  private Path apply(EventFeed feed) {
    console.step("A Compose file: three replicas of web, and a client");
    Path compose = platform.data().resolve("compose.yaml");
    try {
      Files.writeString(
          compose,
          """
          services:
            web:
              image: %1$s/demo/web:1
              deploy: {replicas: %2$d}
            client:
              image: %1$s/demo/client:1
              depends_on: [web]
          """
              .formatted(upstream.host(), REPLICAS));
    } catch (IOException e) {
      throw new UncheckedIOException("cannot write " + compose, e);
    }
    platform.run("apply", "-f", compose.toString());
    feed.await("ContainerStarted", REPLICAS + 1, SOON, e -> true);
    platform.run("ps").lines().forEach(console::text);
    console.held(REPLICAS + 1 + " containers run, each with an address on the bridge");
    return compose;
  }

  /** Reads the client's log until enough different replicas have answered. */
  private void talk(String what, int replicas) {
    console.step("Over the bridge: " + what);
    String client = container("client").path("name").asText();
    console.command("waybill logs " + client);
    long end = System.nanoTime() + SOON.toNanos();
    Set<String> answered = new TreeSet<>();
    while (answered.size() < replicas) {
      for (String line : platform.attempt("logs", client).lines()) {
        Matcher matcher = ANSWER.matcher(line);
        if (matcher.find() && answered.add(matcher.group(1))) {
          console.text(line);
        }
      }
      if (System.nanoTime() > end) {
        throw new StepFailedException(
            "expected answers from %d replicas in the client's log, got them from %s"
                .formatted(replicas, answered));
      }
    }
    console.held("%d replicas answered: %s".formatted(replicas, String.join(", ", answered)));
  }

  private JsonNode container(String workload) {
    for (JsonNode container : platform.json("ps", "-o", "json")) {
      if (is(container, "workload", workload) && is(container, "status", "running")) {
        return container;
      }
    }
    throw new StepFailedException("expected a running container of '%s'".formatted(workload));
  }

  private String kill(EventFeed feed) {
    console.step("One replica dies of SIGKILL, behind the platform's back");
    JsonNode victim = container("web");
    String id = victim.path("id").asText();
    long pid =
        feed.await("ContainerStarted", 1, SOON, e -> is(e, "containerId", id))
            .getFirst()
            .path("data")
            .path("pid")
            .asLong();
    console.command("kill -9 " + pid);
    signal(pid);
    feed.await(
        "ContainerExited", 1, SOON, e -> is(e, "containerId", id) && is(e, "signal", "SIGKILL"));
    JsonNode next =
        feed.await("ContainerRequested", 1, SOON, e -> is(e, "replaces", id)).getFirst();
    String replacement = next.path("data").path("containerId").asText();
    feed.await("ContainerStarted", 1, SOON, e -> is(e, "containerId", replacement));
    console.held(
        "%s died of SIGKILL and %s replaces it"
            .formatted(victim.path("name").asText(), next.path("data").path("name").asText()));
    return replacement;
  }

  /** The JDK's own forced end of a process refuses none that isn't its child: SIGKILL. */
  private static void signal(long pid) {
    boolean sent = ProcessHandle.of(pid).map(ProcessHandle::destroyForcibly).orElse(false);
    if (!sent) {
      throw new StepFailedException("expected a process %d to kill, there is none".formatted(pid));
    }
  }

  private void refuse(EventFeed feed) {
    console.step("An image outside policy is refused");
    String outside = upstream.host() + "/demo/other:1";
    console.command("waybill run --name other " + outside);
    Platform.Result result = platform.attempt("run", "--name", "other", outside);
    console.text(shortened(result.output().strip()));
    if (result.exitCode() == 0) {
      throw new StepFailedException("expected 'run' of an image outside policy to fail");
    }
    JsonNode rejected =
        feed.await("ImageRejected", 1, SOON, e -> is(e, "reference", outside)).getFirst();
    feed.await(
        "ContainerFailed", 1, SOON, e -> e.path("reason").asText().contains("outside policy"));
    String reason = rejected.path("data").path("reason").asText();
    requireContains(reason, "outside policy", "the refusal to say why");
    console.held("the log has the refusal with its reason, and the container ends as failed");
  }

  private void why(String container) {
    console.step("Why is this container here, and what exactly was executed?");
    List<String> chain = platform.run("audit", "why", "container/" + container).lines();
    chain.forEach(line -> console.text(shortened(line)));
    String all = String.join("\n", chain);
    requireContains(all, "WorkloadApplied", "the chain to begin with the request");
    requireContains(all, "planDigest=sha256:", "the chain to end with the launch plan's digest");
    console.held("from the HTTP request to the digest of the launch plan");
  }

  private void replay() {
    console.step("All that was decided is decided again");
    List<String> lines = platform.run("replay", "--verify").lines();
    lines.forEach(console::text);
    if (lines.isEmpty() || !lines.stream().allMatch(line -> line.contains("agrees"))) {
      throw new StepFailedException("expected every decider to agree with its history");
    }
    console.held("every event byte for byte, every state by its hash");
  }

  private void remove(Path compose, EventFeed feed) {
    console.step("All of it is removed");
    long ended = feed.all("ContainerExited", e -> true).size();
    platform.run("delete", "-f", compose.toString(), "--wait");
    platform.attempt("rm", "-f", "other");
    int expected = (int) ended + REPLICAS + 1;
    feed.await("ContainerExited", expected, SOON, e -> true);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(SOON.toSeconds());
    while (!platform.json("ps", "-a", "-o", "json").isEmpty()) {
      if (System.nanoTime() > end) {
        throw new StepFailedException("expected 'ps -a' to be empty");
      }
    }
    console.held("no container is left");
  }

  private static String shortened(String line) {
    return line.length() <= LINE_MAX ? line : line.substring(0, LINE_MAX) + "…";
  }

  private static void requireContains(String text, String part, String expectation) {
    if (!text.contains(part)) {
      throw new StepFailedException("expected %s, found no %s".formatted(expectation, part));
    }
  }

  private static boolean is(JsonNode data, String field, String value) {
    return data.path(field).asText().equals(value);
  }
}
