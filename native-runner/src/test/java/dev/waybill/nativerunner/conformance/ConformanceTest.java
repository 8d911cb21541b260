package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.nativerunner.cli.CompilerSocket;
import dev.waybill.nativerunner.cli.PlanDesk;
import dev.waybill.nativerunner.sys.HostFactsReader;
import dev.waybill.nativerunner.sys.ReadyNetworks;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.Timeout;

/**
 * Every case against this runtime, and against the others that are installed. {@code
 * -Dconformance.update} writes the table of the design document anew; a case that ours fails fails
 * the build, one that another fails is a row of the table.
 */
class ConformanceTest {
  private static final Path DOCUMENT = Path.of("../docs/design/native-runner.md");
  private static final String BEGIN = "<!-- conformance table -->";
  private static final String END = "<!-- end of conformance table -->";

  private static Path dir;
  private static CompilerSocket compiler;
  private static Installation installed;
  private static int number;

  @BeforeAll
  static void start() throws IOException {
    Assumptions.assumeTrue(Busybox.isInstalled(), "skipped: busybox-static is not installed");
    dir = Files.createTempDirectory("wbc");
    // A user namespace's root has to get through to the root filesystem.
    Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));
    installed = Installation.in(dir);
    compiler =
        CompilerSocket.open(
            dir.resolve("c.sock"), new PlanDesk(HostFactsReader.read()), ReadyNetworks.keep(2));
  }

  @AfterAll
  static void stop() throws IOException {
    if (compiler != null) {
      compiler.close();
      Shell.run("rm -rf " + dir);
    }
  }

  static List<Case> cases() {
    return Stream.of(
            LifecycleCases.all(),
            ProcessCases.all(),
            MountCases.all(),
            NamespaceCases.all(),
            RootlessCases.all(),
            CgroupCases.all(),
            SecurityCases.all(),
            EscapeCases.all(),
            HookCases.all())
        .flatMap(List::stream)
        .toList();
  }

  @TestFactory
  Stream<DynamicTest> this_runtime_keeps_every_promise() {
    return cases().stream()
        .map(
            c ->
                DynamicTest.dynamicTest(
                    c.area() + ": " + c.name(),
                    () -> attempt(Peer.own(dir.resolve("c.sock"), installed), c)));
  }

  private static void attempt(Peer peer, Case c) throws Exception {
    String id = peer.name() + "-" + number++;
    try (Trial trial = new Trial(peer, Files.createDirectory(dir.resolve(id)), id)) {
      c.check().on(trial);
    }
  }

  @Test
  @Timeout(400)
  void the_cases_are_tested_by_other_runtimes() throws Exception {
    List<Peer> others = Peer.others();
    Assumptions.assumeFalse(others.isEmpty(), "skipped: neither runc nor crun is installed");
    Map<Case, List<String>> kept = new LinkedHashMap<>();
    for (Case c : cases()) {
      kept.put(c, new ArrayList<>());
      for (Peer peer : others) {
        kept.get(c).add(outcome(peer, c));
      }
    }
    if (System.getProperty("conformance.update") != null) {
      write(others, kept);
    }
    // A case that no runtime keeps is more likely wrong than right, but for those that say so.
    long nobody = kept.values().stream().filter(o -> o.stream().noneMatch("yes"::equals)).count();
    assertThat(nobody).as("cases that no other runtime keeps").isLessThan(cases().size() / 5);
  }

  private static String outcome(Peer peer, Case c) {
    try {
      attempt(peer, c);
      return "yes";
    } catch (AssertionError | Exception e) {
      if (System.getProperty("conformance.update") != null) {
        String message = String.valueOf(e.getMessage());
        System.out.println(peer.name() + ": " + c.name() + ": " + message.replace('\n', ' '));
      }
      return "no";
    }
  }

  private static void write(List<Peer> others, Map<Case, List<String>> kept) throws IOException {
    StringBuilder table = new StringBuilder(BEGIN).append('\n');
    table.append("| area | promise | waybill |");
    others.forEach(peer -> table.append(' ').append(peer.name()).append(" |"));
    table.append("\n|---|---|---|").append("---|".repeat(others.size())).append('\n');
    kept.forEach(
        (c, outcomes) ->
            table
                .append("| %s | %s | yes | ".formatted(c.area(), c.name()))
                .append(String.join(" | ", outcomes))
                .append(" |\n"));
    String document = Files.readString(DOCUMENT, StandardCharsets.UTF_8);
    int begin = document.indexOf(BEGIN);
    int end = document.indexOf(END);
    Files.writeString(DOCUMENT, document.substring(0, begin) + table + document.substring(end));
  }

  @Test
  void the_design_document_has_a_row_for_every_case() throws IOException {
    String document = Files.readString(DOCUMENT, StandardCharsets.UTF_8);
    for (Case c : cases()) {
      assertThat(document).contains("| " + c.area() + " | " + c.name() + " |");
    }
  }
}
