package dev.waybill.allinone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.ImagePush;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.StaticProgram;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Images that are built, committed, saved and loaded by the command line; needs root. */
class BuildIT {
  static final String PROGRAM =
      """
      #include <fcntl.h>
      #include <stdio.h>
      #include <stdlib.h>
      #include <string.h>
      #include <sys/stat.h>
      #include <unistd.h>
      static int show(const char *path) {
        char text[4096];
        int file = open(path, O_RDONLY);
        if (file < 0) { printf("no %s\\n", path); return 1; }
        ssize_t n = read(file, text, sizeof text);
        return write(1, text, n) < 0;
      }
      int main(int argc, char **argv) {
        if (argc > 3 && (!strcmp(argv[1], "write") || !strcmp(argv[1], "hold"))) {
          int file = open(argv[2], O_WRONLY | O_CREAT | O_TRUNC, 0644);
          if (write(file, argv[3], strlen(argv[3])) < 0) return 1;
          if (!strcmp(argv[1], "hold")) pause();
          return 0;
        }
        if (argc > 2 && !strcmp(argv[1], "env")) { puts(getenv(argv[2])); return 0; }
        if (argc > 2 && !strcmp(argv[1], "rm")) return unlink(argv[2]);
        if (argc > 2 && !strcmp(argv[1], "exit")) { puts("as asked"); return atoi(argv[2]); }
        if (argc > 2 && !strcmp(argv[1], "show")) return show(argv[2]);
        return 0;
      }
      """;

  @TempDir static Path directory;
  private static RunningPlatform platform;

  @BeforeAll
  static void startPlatform() throws Exception {
    platform = new RunningPlatform(directory.resolve("data"));
    var image =
        ImageMaker.image()
            .layer(LayerCompression.GZIP, List.of(LayerEntry.file("etc/old", "old")))
            .program("bin/sh", StaticProgram.compile(PROGRAM));
    ImagePush.to(platform.address(), "admin", platform.token()).push(image.make(), "base", "1");
  }

  @AfterAll
  static void stopPlatform() throws Exception {
    platform.close();
  }

  private CommandOutcome waybill(String... arguments) {
    return CommandOutcome.of(directory, directory.resolve("data"), arguments);
  }

  private Path context(String name, String dockerfile) throws IOException {
    Path context = Files.createDirectories(directory.resolve(name));
    Files.writeString(context.resolve("Dockerfile"), dockerfile);
    return context;
  }

  @Test
  void a_build_runs_copies_and_forgets_between_stages_and_its_image_runs() throws Exception {
    Path context =
        context(
            "staged",
            """
            ARG FROM=base:1
            FROM $FROM AS made
            ARG WHO=nobody
            ENV GREETING="hello $WHO"
            RUN ["/bin/sh", "write", "/made", "by a container\\n"]
            RUN ["/bin/sh", "rm", "/etc/old"]
            RUN ["/bin/sh", "env", "GREETING"]
            FROM made AS unused
            RUN ["/bin/sh", "exit", "9"]
            FROM made
            COPY --chmod=0600 note.txt /notes/
            WORKDIR /notes
            LABEL purpose="a test"
            ENTRYPOINT ["/bin/sh", "show"]
            CMD ["note.txt"]
            """);
    Files.writeString(context.resolve("note.txt"), "noted\n");

    CommandOutcome built =
        waybill("build", "-t", "team/app:1", "--build-arg", "WHO=you", context.toString());

    assertThat(built.code()).as(built.err()).isZero();
    assertThat(built.out()).matches("team/app:1@sha256:[0-9a-f]{64}\n");
    assertThat(built.err()).contains("hello you\n");
    assertThat(waybill("run", "--rm", "team/app:1").out()).isEqualTo("noted\n");
    assertThat(waybill("run", "--rm", "team/app:1", "/made").out()).isEqualTo("by a container\n");
    assertThat(waybill("run", "--rm", "team/app:1", "/etc/old").out()).isEqualTo("no /etc/old\n");
    assertThat(waybill("image", "history", "team/app:1").out()).contains("WORKDIR /notes");
  }

  @Test
  void the_same_input_gives_the_same_digest_with_and_without_earlier_steps() throws Exception {
    Path context =
        context("same", "FROM base:1\nRUN [\"/bin/sh\", \"write\", \"/x\", \"y\"]\nCOPY file /\n");
    Files.writeString(context.resolve("file"), "text");

    CommandOutcome first = waybill("build", "-t", "same:1", context.toString());
    Files.setLastModifiedTime(context.resolve("file"), FileTime.from(Instant.EPOCH));
    CommandOutcome second = waybill("build", "-t", "same:1", context.toString());
    CommandOutcome anew = waybill("build", "--no-cache", "-t", "same:1", context.toString());

    assertThat(first.err()).doesNotContain("as before");
    assertThat(second.err()).contains("as before");
    assertThat(anew.err()).doesNotContain("as before");
    assertThat(second.out()).isEqualTo(first.out()).isEqualTo(anew.out());
  }

  @Test
  void a_step_that_fails_names_its_code_and_leaves_no_container() throws Exception {
    Path context = context("failing", "FROM base:1\nRUN [\"/bin/sh\", \"exit\", \"3\"]\n");

    CommandOutcome built = waybill("build", "-t", "failing:1", context.toString());

    assertThat(built.code()).isEqualTo(1);
    assertThat(built.err()).contains("as asked\n", "'/bin/sh exit 3' ended with code 3");
    assertThat(built.out()).isEmpty();
    for (JsonNode container : platform.get("/v1/containers")) {
      assertThat(container.path("image").asText()).doesNotStartWith("waybill/build");
    }
  }

  @Test
  void a_mistake_in_the_dockerfile_is_named_with_its_line() throws Exception {
    Path context = context("mistaken", "FROM base:1\n\nCOPY nothing /\n");

    CommandOutcome built = waybill("build", context.toString());

    assertThat(built.code()).isEqualTo(1);
    assertThat(built.err()).contains("Dockerfile: line 3: there is no 'nothing' to copy\n");
  }

  @Test
  void what_a_container_wrote_is_committed_with_changes() throws Exception {
    String id =
        platform.run("base:1", RunningPlatform.JSON.createObjectNode(), "write", "/w", "kept");
    platform.ended(id);

    CommandOutcome committed =
        waybill("commit", "-c", "ENTRYPOINT [\"/bin/sh\", \"show\", \"/w\"]", id, "kept:1");

    assertThat(committed.code()).as(committed.err()).isZero();
    assertThat(waybill("run", "--rm", "kept:1").out()).isEqualTo("kept");
  }

  @Test
  void a_saved_image_is_loaded_with_the_same_digest_and_read_by_skopeo() throws Exception {
    assertThat(waybill("image", "tag", "base:1", "saved/other:2").code()).isZero();
    Path archive = directory.resolve("saved.tar");
    CommandOutcome saved =
        waybill("image", "save", "-o", archive.toString(), "base:1", "saved/other:2");
    assertThat(saved.code()).as(saved.err()).isZero();
    String before = waybill("image", "inspect", "saved/other:2").out();
    assertThat(waybill("image", "rm", "saved/other:2").code()).isZero();

    CommandOutcome loaded = waybill("image", "load", "-i", archive.toString());

    assertThat(loaded.code()).as(loaded.err()).isZero();
    String digest = RunningPlatform.JSON.readTree(before).path("digest").asText();
    assertThat(loaded.out()).contains("base:1@" + digest + "\n", "saved/other:2@" + digest + "\n");
    assumeTrue(Files.isExecutable(Path.of("/usr/bin/skopeo")), "skopeo is not installed");
    Process skopeo =
        new ProcessBuilder(
                "skopeo", "inspect", "--config", "docker-archive:" + archive + ":saved/other:2")
            .redirectErrorStream(true)
            .start();
    String said = new String(skopeo.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(skopeo.waitFor()).as(said).isZero();
    assertThat(said).contains("\"rootfs\"");
  }
}
