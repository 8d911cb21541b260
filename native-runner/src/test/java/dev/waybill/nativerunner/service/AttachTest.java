package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import dev.waybill.contracts.runner.v1.StartRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The monitor: stdio, terminals, logs. */
class AttachTest {
  private static RunnerFixture runner;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  private static CreateResponse create(String id, CreateRequest.Builder request, TestBundle bundle)
      throws IOException {
    return runner
        .api()
        .create(
            request
                .setId(id)
                .setBundle(bundle.write())
                .setLogPath(runner.log(id).toString())
                .build());
  }

  private static void start(String id) {
    runner.api().start(StartRequest.newBuilder().setId(id).build());
  }

  @Test
  void stdin_reaches_the_program_and_its_end_ends_it() throws IOException {
    CreateResponse created =
        create(
            "stdin",
            CreateRequest.newBuilder().setStdin(true),
            runner.bundle("stdin").guest("cat", "-"));
    try (AttachClient client = new AttachClient(created.getAttachSocket())) {
      start("stdin");
      client.stdin("hello ");
      client.stdin("world\n");
      client.stdinEnd();
      client.readToEnd();

      assertThat(client.stdout()).isEqualTo("hello world\n");
      assertThat(client.exit()).isZero();
    }
  }

  @Test
  void much_input_comes_back_whole() throws IOException {
    CreateResponse created =
        create(
            "much",
            CreateRequest.newBuilder().setStdin(true),
            runner.bundle("much").guest("cat", "-"));
    String line = "0123456789".repeat(1000) + "\n";
    try (AttachClient client = new AttachClient(created.getAttachSocket())) {
      start("much");

      Thread.ofPlatform()
          .start(
              () -> {
                try {
                  for (int i = 0; i < 100; i++) {
                    client.stdin(line);
                  }
                  client.stdinEnd();
                } catch (IOException e) {
                  throw new IllegalStateException(e);
                }
              });
      client.readToEnd();

      assertThat(client.stdout()).isEqualTo(line.repeat(100));
    }
  }

  @Test
  void a_terminal_has_the_size_that_the_client_set() throws IOException {
    CreateResponse created =
        create("tty", CreateRequest.newBuilder().setTty(true), runner.bundle("tty").guest("tty"));
    try (AttachClient client = new AttachClient(created.getAttachSocket())) {
      client.resize(30, 90);
      // The monitor serves frames in order, so what it echoes came after the new size.
      client.stdin("x");
      client.readUntil("x");
      start("tty");
      client.readToEnd();

      assertThat(client.stdout()).contains("1 30x90\r\n");
    }
  }

  @Test
  void two_clients_see_the_same() throws IOException {
    CreateResponse created =
        create("two", CreateRequest.newBuilder(), runner.bundle("two").guest("lines", "500"));
    try (AttachClient one = new AttachClient(created.getAttachSocket());
        AttachClient two = new AttachClient(created.getAttachSocket())) {
      start("two");
      Thread reader =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      two.readToEnd();
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  });
      one.readToEnd();
      reader.join();

      assertThat(one.stdout().lines()).hasSize(500);
      assertThat(two.stdout()).isEqualTo(one.stdout());
    } catch (InterruptedException e) {
      throw new IOException(e);
    }
  }

  @Test
  void a_line_without_end_is_a_record_of_its_own() throws IOException {
    RunnerFixture.Ran ran = runner.run("part", runner.bundle("part").guest("part", "prompt> "));

    assertThat(ran.log()).singleElement().asString().endsWith("Z stdout P prompt> ");
  }

  @Test
  void a_log_is_rotated_by_size_and_count_without_losing_a_line_between() throws IOException {
    create(
        "rotate",
        CreateRequest.newBuilder().setLogMaxBytes(20_000).setLogMaxFiles(3),
        runner.bundle("rotate").guest("lines", "600"));
    start("rotate");
    runner.await("rotate");

    List<String> lines = new ArrayList<>();
    for (String suffix : List.of(".2", ".1", "")) {
      Path file = Path.of(runner.log("rotate") + suffix);
      assertThat(Files.size(file)).isLessThanOrEqualTo(20_000);
      for (String line : Files.readAllLines(file)) {
        String[] columns = line.split(" ", 4);
        // A record with P goes on in the next one.
        boolean goesOn = !lines.isEmpty() && lines.getLast().endsWith("\0");
        String begun = goesOn ? lines.removeLast().replace("\0", "") : "";
        lines.add(begun + columns[3] + (columns[2].equals("P") ? "\0" : ""));
      }
    }
    assertThat(Path.of(runner.log("rotate") + ".3")).doesNotExist();
    assertThat(lines.getLast()).startsWith("line 599 ");
    int first = 600 - lines.size();
    for (int i = 0; i < lines.size(); i++) {
      assertThat(lines.get(i)).startsWith("line " + (first + i) + " ");
    }
  }

  @Test
  void monitors_take_less_than_300_kilobytes_each() throws IOException {
    int count = 20;
    long pss = 0;
    for (int i = 0; i < count; i++) {
      String id = "small" + i;
      create(id, CreateRequest.newBuilder().setStart(true), runner.bundle(id).guest("sleep", "60"));
    }
    for (int i = 0; i < count; i++) {
      pss += pss(runner.state("small" + i).getMonitorPid());
    }
    assertThat(pss / count).isLessThan(300);
  }

  private static long pss(int pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")).stream()
        .filter(l -> l.startsWith("Pss:"))
        .mapToLong(l -> Long.parseLong(l.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
