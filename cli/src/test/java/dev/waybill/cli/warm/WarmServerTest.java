package dev.waybill.cli.warm;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.cli.caller.Caller;
import dev.waybill.cli.caller.Caller.Terminal.Size;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The relay of C and the server of Java, together. */
class WarmServerTest {
  private static final Path RELAY = Path.of("target/waybill-relay").toAbsolutePath();
  private static final int PATIENCE_SECONDS = 20;

  @TempDir Path directory;
  private final CountDownLatch waiting = new CountDownLatch(1);
  private final CountDownLatch interrupted = new CountDownLatch(1);
  private final CountDownLatch sized = new CountDownLatch(1);
  private final BlockingQueue<Size> sizes = new LinkedBlockingQueue<>();
  private WarmServer server;

  /** What a call gave. */
  private record Outcome(int code, String out, String err) {}

  @BeforeEach
  void open() throws IOException {
    server = WarmServer.open(socket(), this::command);
  }

  @AfterEach
  void close() {
    server.close();
  }

  private Path socket() {
    return directory.resolve("cli.sock");
  }

  private int command(String... arguments) {
    switch (arguments[0]) {
      case "tell" -> {
        Caller.stdout().println(Caller.current().directory());
        Caller.stdout().println(Caller.variable("COLOUR").orElse("unset"));
        Caller.stderr().println(String.join("|", arguments));
      }
      case "copy" -> copyInput();
      case "wait" -> await();
      case "resize" -> resize(arguments[1]);
      default -> {
        return 2;
      }
    }
    return 7;
  }

  private static void copyInput() {
    try {
      Caller.current().in().transferTo(Caller.stdout());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private void await() {
    waiting.countDown();
    try {
      new CountDownLatch(1).await();
    } catch (InterruptedException e) {
      interrupted.countDown();
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Changes the height of the caller's terminal: one change, for stty sets each side by a call of
   * its own.
   */
  private void resize(String terminal) {
    Caller.current().terminal().onResize(sizes::add);
    sizes.add(Caller.current().terminal().size().orElseThrow());
    try {
      var stty = new ProcessBuilder("stty", "-F", terminal, "rows", "41");
      assertThat(stty.start().waitFor()).isZero();
      sized.await();
    } catch (IOException | InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_terminals_new_size_is_told_while_the_command_runs() throws Exception {
    String inTerminal =
        "stty rows 30 columns 100; exec %s %s %s resize $(tty)"
            .formatted(RELAY, socket(), directory.resolve("launcher"));
    Process caller =
        new ProcessBuilder("script", "-qec", inTerminal, "/dev/null")
            .redirectErrorStream(true)
            .start();

    Size first = sizes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    Size second = sizes.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
    sized.countDown();

    assertThat(first).isEqualTo(new Size(30, 100));
    assertThat(second).isEqualTo(new Size(41, 100));
    assertThat(caller.waitFor()).isEqualTo(7);
  }

  @Test
  void a_command_sees_its_callers_world_and_the_caller_its_streams_and_code() throws Exception {
    Outcome outcome = call("", "tell", "", "with blank", "ünï");

    assertThat(outcome.code()).isEqualTo(7);
    assertThat(outcome.out()).isEqualTo(directory.toRealPath() + "\ngreen\n");
    assertThat(outcome.err()).isEqualTo("tell||with blank|ünï\n");
  }

  @Test
  void input_of_any_length_arrives_whole() throws Exception {
    String input = "0123456789abcdef".repeat(40_000);

    assertThat(call(input, "copy").out()).isEqualTo(input);
  }

  @Test
  void a_caller_that_is_killed_interrupts_its_command() throws Exception {
    Process caller = start("wait");
    assertThat(waiting.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    caller.destroy();

    assertThat(interrupted.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    assertThat(caller.waitFor()).isEqualTo(128 + 15);
  }

  @Test
  void commands_run_side_by_side() throws Exception {
    Process first = start("wait");
    assertThat(waiting.await(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();

    assertThat(call("", "tell").code()).isEqualTo(7);
    first.destroy();
  }

  @Test
  void without_a_server_the_launcher_gets_the_arguments() throws Exception {
    server.close();

    Outcome outcome = call("", "one", "two");

    assertThat(outcome.out()).isEqualTo("launched off one two\n");
  }

  @Test
  void others_may_not_touch_the_socket() throws Exception {
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
        .isEqualTo("rw-------");
  }

  @Test
  void a_path_that_is_too_long_for_a_socket_is_known_before() throws Exception {
    Path longest = directory.resolve("s".repeat(105 - directory.toString().length()));

    assertThat(WarmServer.canListen(longest)).isTrue();
    WarmServer.open(longest, this::command).close();
    assertThat(WarmServer.canListen(Path.of(longest + "s"))).isFalse();
  }

  private Outcome call(String input, String... arguments) throws Exception {
    Process process = start(arguments);
    // Beside reading, as long output would wait for a reader and stop taking input.
    Thread writer = Thread.ofVirtual().start(() -> write(process, input));
    String out = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    writer.join();
    String err = Files.readString(directory.resolve("err"));
    assertThat(process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)).isTrue();
    return new Outcome(process.exitValue(), out, err);
  }

  private static void write(Process process, String input) {
    try (var in = process.getOutputStream()) {
      in.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private Process start(String... arguments) throws IOException {
    Path launcher = directory.resolve("launcher");
    Files.writeString(launcher, "#!/bin/sh\necho launched $WAYBILL_RELAY \"$@\"\n");
    Files.setPosixFilePermissions(launcher, PosixFilePermissions.fromString("rwx------"));
    var command =
        new ArrayList<>(List.of(RELAY.toString(), socket().toString(), launcher.toString()));
    command.addAll(List.of(arguments));
    var builder = new ProcessBuilder(command).directory(directory.toFile());
    builder.environment().put("COLOUR", "green");
    return builder.redirectError(directory.resolve("err").toFile()).start();
  }
}
