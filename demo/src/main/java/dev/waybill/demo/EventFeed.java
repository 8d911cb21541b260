package dev.waybill.demo;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.cli.CliException;
import dev.waybill.cli.api.ApiClient;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/** The log as it grows, by server-sent events; shows what matters and lets steps wait for facts. */
final class EventFeed implements AutoCloseable {
  private static final String DATA = "data: ";
  private static final Set<String> SHOWN =
      Set.of(
          "SyncPolicySet",
          "TagDiscovered",
          "SyncFailed",
          "ImageMirrored",
          "ImageMirrorFailed",
          "ImageRejected",
          "ContainerRequested",
          "ContainerStarted",
          "ContainerStartFailed",
          "ContainerExited",
          "ContainerFailed");

  private final Console console;
  private final BufferedReader lines;
  private final Thread reader;
  private final List<JsonNode> seen = new ArrayList<>();
  private final Map<String, String> names = new HashMap<>();
  private volatile boolean closing;

  EventFeed(ApiClient client, Console console) {
    this.console = console;
    this.lines =
        new BufferedReader(
            new InputStreamReader(client.stream("/v1/events?follow=true"), StandardCharsets.UTF_8));
    this.reader = Thread.ofPlatform().daemon().name("events").start(this::read);
  }

  private void read() {
    try {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (line.startsWith(DATA)) {
          take(ApiClient.JSON.readTree(line.substring(DATA.length())));
        }
      }
    } catch (IOException e) {
      if (!closing) {
        console.failed("the stream of events broke off: " + e.getMessage());
      }
    }
  }

  private synchronized void take(JsonNode event) {
    JsonNode data = event.path("data");
    if (type(event).equals("ContainerRequested")) {
      names.put(data.path("containerId").asText(), data.path("name").asText());
    }
    seen.add(event);
    if (SHOWN.contains(type(event))) {
      console.event(type(event), subject(event), detail(data));
    }
    notifyAll();
  }

  /** The name of an event's type, without package. */
  static String type(JsonNode event) {
    String type = event.path("type").asText();
    return type.substring(type.lastIndexOf('.') + 1);
  }

  private String subject(JsonNode event) {
    String id = event.path("data").path("containerId").asText();
    return names.getOrDefault(id, event.path("subject").asText());
  }

  private String detail(JsonNode data) {
    var detail = new StringBuilder();
    for (String field : List.of("digest", "signal", "pid", "address", "exitCode")) {
      String value = data.path(field).asText();
      if (!value.isEmpty()) {
        detail.append(field).append('=').append(shorter(value)).append(' ');
      }
    }
    String replaces = data.path("replaces").asText();
    return replaces.isEmpty()
        ? detail.toString()
        : detail + "replaces=" + names.getOrDefault(replaces, replaces);
  }

  static String shorter(String value) {
    return value.startsWith("sha256:") ? value.substring(0, 19) : value;
  }

  /** The facts so far that fit. */
  synchronized List<JsonNode> all(String type, Predicate<JsonNode> fits) {
    return seen.stream()
        .filter(event -> type(event).equals(type) && fits.test(event.path("data")))
        .toList();
  }

  /** Waits until at least {@code count} facts fit. */
  synchronized List<JsonNode> await(
      String type, int count, Duration within, Predicate<JsonNode> fits) {
    long end = System.nanoTime() + within.toNanos();
    while (true) {
      List<JsonNode> found = all(type, fits);
      if (found.size() >= count) {
        return found;
      }
      long left = (end - System.nanoTime()) / 1_000_000;
      if (left <= 0) {
        throw new StepFailedException(
            "expected %d × %s within %d s, the log has %d"
                .formatted(count, type, within.toSeconds(), found.size()));
      }
      try {
        wait(left);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw CliException.failed("interrupted");
      }
    }
  }

  @Override
  public void close() {
    closing = true;
    reader.interrupt();
  }
}
