package dev.waybill.cli.compose;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every supported field by example, and what is said about what isn't. */
class ComposeFileTest {
  private static final ObjectMapper JSON = new ObjectMapper();

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          image: web:2                        | image           | "web:2"
          user: "1000:1000"                   | user            | "1000:1000"
          hostname: front                     | hostname        | "front"
          working_dir: /srv                   | workdir         | "/srv"
          command: serve --port 80            | command         | ["serve","--port","80"]
          command: [serve, "a b"]             | command         | ["serve","a b"]
          entrypoint: /bin/app                | entrypoint      | ["/bin/app"]
          environment: [A=1, B=x=y]           | env             | {"A":"1","B":"x=y"}
          environment: {A: 1}                 | env             | {"A":"1"}
          labels: {tier: front}               | labels          | {"tier":"front"}
          sysctls: {net.core.somaxconn: 9}    | sysctls         | {"net.core.somaxconn":"9"}
          read_only: true                     | readOnly        | true
          cap_add: [NET_ADMIN]                | capAdd          | ["NET_ADMIN"]
          cap_drop: [ALL]                     | capDrop         | ["ALL"]
          security_opt: [seccomp=unconfined]  | securityOptions | ["seccomp=unconfined"]
          tty: true                           | tty             | true
          stdin_open: true                    | stdin           | true
          stop_signal: SIGINT                 | stopSignal      | "SIGINT"
          stop_grace_period: 90s              | stopGraceMs     | 90000
          pull_policy: never                  | pull            | "PULL_POLICY_NEVER"
          network_mode: none                  | network         | "none"
          cpus: 0.5                           | resources       | {"cpuMillis":500}
          mem_limit: 64m                      | resources       | {"memoryBytes":67108864}
          pids_limit: 20                      | resources       | {"pids":20}
          tmpfs: /tmp                         | mounts          | [{"type":"MOUNT_TYPE_TMPFS","source":"","target":"/tmp"}]
          """)
  void a_field_of_a_service_becomes_one_of_the_specification(
      String line, String field, String expected) throws IOException {
    JsonNode workload = service(line);
    assertThat(plain(workload.path("spec").path(field))).isEqualTo(JSON.readTree(expected));
  }

  @Test
  void replicas_are_read_from_deploy_and_from_scale() {
    assertThat(service("deploy: {replicas: 3}").path("replicas").asInt()).isEqualTo(3);
    assertThat(service("scale: 2").path("replicas").asInt()).isEqualTo(2);
    assertThat(service("tty: false").path("replicas").asInt()).isEqualTo(1);
  }

  @Test
  void limits_of_deploy_are_the_resources() throws IOException {
    assertThat(
            plain(
                service("deploy: {resources: {limits: {cpus: '1.5', memory: 1g, pids: 7}}}")
                    .path("spec")
                    .path("resources")))
        .isEqualTo(JSON.readTree("{\"cpuMillis\":1500,\"memoryBytes\":1073741824,\"pids\":7}"));
  }

  @Test
  void ports_come_in_the_short_and_in_the_long_form() {
    JsonNode ports =
        service("ports: ['8080:80', {target: 53, published: 5353, protocol: udp}]")
            .path("spec")
            .path("ports");
    assertThat(ports).hasSize(2);
    assertThat(ports.path(0).path("containerPort").asInt()).isEqualTo(80);
    assertThat(ports.path(0).path("hostPort").asInt()).isEqualTo(8080);
    assertThat(ports.path(1).path("containerPort").asInt()).isEqualTo(53);
    assertThat(ports.path(1).path("protocol").asText()).isEqualTo("udp");
  }

  @Test
  void volumes_are_named_bound_or_anonymous() throws IOException {
    assertThat(
            service("volumes: ['data:/data', '/srv:/srv:ro', '/scratch']")
                .path("spec")
                .path("mounts"))
        .isEqualTo(
            JSON.readTree(
                """
                [{"type":"MOUNT_TYPE_VOLUME","source":"shop_data","target":"/data","readOnly":false},
                 {"type":"MOUNT_TYPE_BIND","source":"/srv","target":"/srv","readOnly":true},
                 {"type":"MOUNT_TYPE_VOLUME","source":"","target":"/scratch"}]
                """));
  }

  @Test
  void a_health_check_keeps_its_command_and_its_times() throws IOException {
    assertThat(
            plain(
                service(
                        "healthcheck: {test: [CMD, /probe], interval: 5s, timeout: 1s, retries: 3,"
                            + " start_period: 2s}")
                    .path("spec")
                    .path("healthCheck")))
        .isEqualTo(
            JSON.readTree(
                """
                {"exec":{"command":["/probe"]},"intervalMs":5000,"timeoutMs":1000,"retries":3,
                 "startPeriodMs":2000}
                """));
  }

  @Test
  void services_come_after_what_they_depend_on() {
    Definition read =
        read(
            """
            services:
              front: {image: f, depends_on: [back]}
              back: {image: b, depends_on: {store: {condition: service_started}}}
              store: {image: s}
            """);
    assertThat(read.workloads())
        .extracting(workload -> workload.path("name").asText())
        .containsExactly("store", "back", "front");
  }

  @Test
  void services_share_the_default_network_of_the_project() {
    Definition read = read("services:\n  web: {image: w}\n");
    assertThat(read.networks()).hasSize(1);
    assertThat(read.networks().getFirst().path("name").asText()).isEqualTo("shop_default");
    assertThat(read.workloads().getFirst().path("spec").path("network").asText())
        .isEqualTo("shop_default");
  }

  @Test
  void a_network_of_its_own_brings_its_subnet_and_its_aliases() {
    Definition read =
        read(
            """
            services:
              web:
                image: w
                networks: {inner: {aliases: [www]}}
            networks:
              inner: {ipam: {config: [{subnet: 10.9.0.0/24}]}}
            """);
    assertThat(read.networks().getFirst().path("subnet").asText()).isEqualTo("10.9.0.0/24");
    JsonNode spec = read.workloads().getFirst().path("spec");
    assertThat(spec.path("network").asText()).isEqualTo("shop_inner");
    assertThat(spec.path("networkAliases").path(0).asText()).isEqualTo("www");
  }

  @Test
  void variables_come_from_the_environment() {
    assertThat(service("hostname: ${PLACE:-here}").path("spec").path("hostname").asText())
        .isEqualTo("there");
  }

  @Test
  void an_unknown_field_is_named_with_line_and_column() {
    assertThatThrownBy(() -> read("services:\n  web:\n    image: w\n    imagee: x\n"))
        .isInstanceOf(ComposeException.class)
        .hasMessageStartingWith("compose.yaml:4:5: ")
        .hasMessageContaining("'imagee'");
  }

  @Test
  void malformed_yaml_is_named_with_line_and_column() {
    assertThatThrownBy(() -> read("services:\n  web: [1, 2\n  other: x\n"))
        .isInstanceOf(ComposeException.class)
        .hasMessageMatching("compose\\.yaml:3:\\d+: malformed YAML: .*");
  }

  @Test
  void services_that_depend_on_each_other_in_a_circle_are_refused() {
    assertThatThrownBy(
            () ->
                read(
                    """
                    services:
                      a: {image: x, depends_on: [b]}
                      b: {image: x, depends_on: [a]}
                    """))
        .hasMessageContaining("in a circle: a -> b");
  }

  @Test
  void an_unknown_dependency_is_named() {
    assertThatThrownBy(() -> read("services:\n  a: {image: x, depends_on: [nosuch]}\n"))
        .hasMessageStartingWith("compose.yaml:2:")
        .hasMessageContaining("service a depends on 'nosuch'");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "mem_limit: lots",
        "cpus: many",
        "stop_grace_period: soon",
        "ports: ['80:x']",
        "pull_policy: perhaps",
        "network_mode: bridged",
        "networks: [nosuch]",
        "volumes: ['./here:/there']",
        "restart: perhaps",
        "tty: perhaps",
        "scale: some"
      })
  void a_value_that_makes_no_sense_is_refused_where_it_stands(String line) {
    assertThatThrownBy(() -> service(line))
        .isInstanceOf(ComposeException.class)
        .hasMessageStartingWith("compose.yaml:4:");
  }

  @Test
  void a_file_without_services_says_what_it_needs() {
    assertThatThrownBy(() -> read("")).hasMessageContaining("services");
    assertThatThrownBy(() -> read("name: x\n")).hasMessageContaining("needs 'services:'");
    assertThatThrownBy(() -> read("apiVersion: v1\nkind: Pod\n"))
        .hasMessageContaining("Kubernetes");
  }

  private static JsonNode service(String line) {
    String image = line.startsWith("image:") ? "" : "    image: w\n";
    return read("services:\n  web:\n" + image + "    " + line + "\n").workloads().getFirst();
  }

  /** As a reader of the JSON sees it: how wide a number was in memory is no difference. */
  private static JsonNode plain(JsonNode node) throws IOException {
    return JSON.readTree(node.toString());
  }

  private static Definition read(String text) {
    return ComposeFile.read("compose.yaml", text, "shop", Map.of("PLACE", "there"));
  }
}
