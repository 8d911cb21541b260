package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The Kubernetes files say what the code understands. */
class ManifestsTest {
  private static final Path K8S = Path.of("../../k8s");

  @BeforeAll
  static void findKubectl() {
    assumeTrue(
        Stream.of(System.getenv().getOrDefault("PATH", "").split(":"))
            .anyMatch(directory -> Files.isExecutable(Path.of(directory, "kubectl"))),
        "kubectl is not on the PATH: the overlays can't be rendered");
  }

  static List<String> overlays() throws IOException {
    try (Stream<Path> directories = Files.list(K8S.resolve("overlays"))) {
      return directories.map(path -> path.getFileName().toString()).sorted().toList();
    }
  }

  private static String rendered(String overlay) throws IOException, InterruptedException {
    Process kubectl =
        new ProcessBuilder("kubectl", "kustomize", K8S.resolve("overlays/" + overlay).toString())
            .redirectErrorStream(true)
            .start();
    String text = new String(kubectl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(kubectl.waitFor()).as(text).isZero();
    return text;
  }

  @ParameterizedTest
  @MethodSource("overlays")
  void an_overlay_agrees_with_the_code(String overlay) throws Exception {
    assertThat(ManifestFaults.of(new Manifests(rendered(overlay)))).isEmpty();
  }

  @Test
  void both_sizes_are_there() throws Exception {
    assertThat(overlays()).containsExactly("production", "small");
    assertThat(new Manifests(rendered("small")).workloads()).hasSize(Service.values().length);
  }

  /** Each fault that the comparison is for, put into a copy: a check that finds nothing is none. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          waybill.cell.name=           | waybill.cell.nam=          | nothing reads waybill.cell.nam
          node-runner.instance=        | node-runner.instanz=       | node-runner needs waybill.node-runner.instance
          "ssl.keystore.type"          | "ssl.keystor.type"         | nothing reads waybill.kafka.client."ssl.keystor.type"
          JAVA_TOOL_OPTIONS            | WAYBILL_CELL_NAMES         | nothing reads WAYBILL_CELL_NAMES
          KAFKA_KEYSTORE_PASSWORD}     | KAFKA_PASSWORD}            | needs KAFKA_PASSWORD
          cleanup.policy: compact      | cleanup.policy: delete     | cleanup.policy is delete instead of compact
          name: waybill.nodes          | name: waybill.node         | topic waybill.node is none of the contracts'
          - Write                      | - Read                     | SCHEDULING writes []
          - networking                 | - scheduling               | scheduling runs in [waybill-networking, waybill-scheduling]
          serviceAccountName: waybill-a| serviceAccountName: b      | no ServiceAccount budit
          secretName: waybill-node-tok | secretName: waybill-tok    | no Secret waybill-token
          claimName: waybill-images    | claimName: images          | no PersistentVolumeClaim images
          runAsUser: 0                 | privileged: true           | waybill-node/node-runner may do more than it needs
          runAsNonRoot: true           | runAsNonRoot: false        | runs as root
          - CHOWN                      | - SYS_ADMIN                | has the capabilities
          """)
  void a_fault_is_found(String right, String wrong, String fault) throws Exception {
    String text = rendered("small");
    assertThat(text).contains(right);

    assertThat(ManifestFaults.of(new Manifests(text.replace(right, wrong))))
        .anyMatch(found -> found.contains(fault));
  }
}
