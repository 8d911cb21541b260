package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.contracts.runner.v1.ExecRequest;
import dev.waybill.contracts.runner.v1.ExecResponse;
import dev.waybill.contracts.runner.v1.KillRequest;
import dev.waybill.contracts.runner.v1.StartRequest;
import dev.waybill.contracts.runner.v1.WaitExitRequest;
import dev.waybill.contracts.runner.v1.WaitExitResponse;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Further processes in a running container. */
class ExecTest {
  private static RunnerFixture runner;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
    runner.create("host", runner.bundle("host").guest("sleep", "600"));
    runner.api().start(StartRequest.newBuilder().setId("host").build());
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  private static ExecRequest.Builder guest(String... words) {
    return ExecRequest.newBuilder().setId("host").addArgs("/bin/guest").addAllArgs(List.of(words));
  }

  private static String output(ExecRequest request) throws IOException {
    ExecResponse response = runner.api().exec(request);
    try (AttachClient client = new AttachClient(response.getAttachSocket())) {
      return client.readToEnd().stdout();
    }
  }

  private static WaitExitResponse await(String exec) {
    return runner
        .api()
        .waitExit(
            WaitExitRequest.newBuilder()
                .setId("host")
                .setExecId(exec)
                .setTimeoutMs(20_000)
                .build());
  }

  @Test
  void no_output_is_lost_however_late_the_client_comes() throws IOException {
    ExecResponse exec = runner.api().exec(guest("both").build());
    assertThat(await(exec.getExecId()).getExitCode()).isEqualTo(5);

    try (AttachClient client = new AttachClient(exec.getAttachSocket())) {
      client.readToEnd();
      assertThat(client.stdout()).isEqualTo("out\n");
      assertThat(client.stderr()).isEqualTo("err\n");
      assertThat(client.exit()).isEqualTo(5);
    }
  }

  @Test
  void it_is_in_the_namespaces_of_the_container() throws IOException {
    assertThat(output(guest("host").build())).isEqualTo("box\n");
    assertThat(output(guest("ls", "/").build())).contains("bin").doesNotContain("home");
    assertThat(Integer.parseInt(output(guest("pid").build()).strip())).isLessThan(100);
  }

  @Test
  void environment_directory_and_user_can_be_set() throws IOException {
    assertThat(output(guest("env", "A").build())).isEqualTo("b\n");
    assertThat(output(guest("env", "A").addEnv("A=other").build())).isEqualTo("other\n");
    assertThat(output(guest("cwd").setCwd("/tmp").build())).isEqualTo("/tmp\n");
    assertThat(output(guest("ids").setUser("12:34").build())).isEqualTo("12:34\n");
  }

  @Test
  void it_can_have_a_terminal() throws IOException {
    ExecRequest request = guest("tty").setTty(true).setRows(11).setColumns(22).build();

    assertThat(output(request)).isEqualTo("1 11x22\r\n");
  }

  @Test
  void a_detached_one_is_waited_for_and_killed_by_its_id() {
    ExecResponse exec =
        runner.api().exec(guest("sleep", "60").setDetach(true).setExecId("mine").build());
    assertThat(exec.getExecId()).isEqualTo("mine");
    assertThat(exec.getAttachSocket()).isEmpty();

    runner
        .api()
        .kill(KillRequest.newBuilder().setId("host").setExecId("mine").setSignal(15).build());

    assertThat(await("mine").getSignal()).isEqualTo(15);
  }

  @Test
  void what_is_not_in_the_image_is_refused_with_127() {
    ExecRequest request = ExecRequest.newBuilder().setId("host").addArgs("nosuch").build();

    assertThatThrownBy(() -> runner.api().exec(request))
        .isInstanceOfSatisfying(
            StatusRuntimeException.class,
            e -> {
              assertThat(e.getMessage()).contains("executable file not found in $PATH");
              assertThat(e.getTrailers().get(Answer.EXIT_CODE)).isEqualTo("127");
            });
  }

  @Test
  void a_process_object_of_the_runtime_spec_is_taken() throws IOException {
    ExecRequest request =
        ExecRequest.newBuilder()
            .setId("host")
            .setProcessJson(
                com.google.protobuf.ByteString.copyFromUtf8(
                    "{\"args\":[\"guest\",\"cwd\"],\"cwd\":\"/etc\",\"env\":[\"PATH=/bin\"]}"))
            .build();

    assertThat(output(request)).isEqualTo("/etc\n");
  }

  @Test
  void it_has_the_capabilities_of_the_container() throws IOException {
    assertThat(output(guest("status", "CapBnd").build())).contains("0000000008000021");
  }
}
