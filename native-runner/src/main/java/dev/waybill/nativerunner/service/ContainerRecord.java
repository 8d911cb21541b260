package dev.waybill.nativerunner.service;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.SequencedMap;

/**
 * What is decided about a container when it is created, and never changes: {@code container.json}.
 *
 * @param logPath empty keeps no log
 * @param tty whether it has a terminal
 * @param planDigest of the plan that made it
 * @param cgroups directory of each controller, or under {@code unified}
 * @param annotations of Create and of config.json
 * @param createdAtNs Unix nanoseconds
 * @param startedAtNs the same for one that was started as soon as it was made, so that whoever
 *     finds it after a crash does not start it a second time; 0 for one that waits, whose start has
 *     a file of its own
 */
record ContainerRecord(
    String id,
    String bundle,
    String logPath,
    boolean tty,
    String planDigest,
    SequencedMap<String, String> cgroups,
    SequencedMap<String, String> annotations,
    long createdAtNs,
    long startedAtNs) {

  static final String NAME = "container.json";

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  ContainerRecord {
    cgroups = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(cgroups));
    annotations = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(annotations));
  }

  static ContainerRecord read(Path stateDir) throws IOException {
    return JSON.readValue(stateDir.resolve(NAME).toFile(), ContainerRecord.class);
  }

  void write(StateDir dir) throws IOException {
    dir.write(NAME, JSON.writeValueAsBytes(this));
  }
}
