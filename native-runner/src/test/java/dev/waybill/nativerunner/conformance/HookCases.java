package dev.waybill.nativerunner.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;

/** config.md: hooks. */
final class HookCases {
  private static final String AREA = "hooks";
  private static final List<String> MOMENTS =
      List.of("prestart", "createRuntime", "createContainer", "poststart", "poststop");

  private HookCases() {}

  static List<Case> all() {
    return List.of(
        of("each at its moment, in the order of the spec", HookCases::order),
        of("each gets the state on stdin", HookCases::stdin),
        of("createRuntime outside, createContainer inside", HookCases::namespaces),
        of("startContainer inside, by the container's paths", HookCases::startContainer),
        of("arguments and environment are those that are said", HookCases::arguments),
        of("a prestart that fails ends the creation", t -> failing(t, "prestart")),
        of("a createRuntime that fails ends the creation", t -> failing(t, "createRuntime")),
        of("a createContainer that fails ends the creation", t -> failing(t, "createContainer")),
        of("a startContainer that fails ends the start", HookCases::failingStart),
        of("a poststart that fails is warned about", HookCases::failingPoststart),
        of("a poststop that fails is warned about", HookCases::failingPoststop),
        of("one that takes too long is ended", HookCases::timeout),
        of("a path that is not absolute is refused", HookCases::relative));
  }

  private static Case of(String name, Case.Check check) {
    return new Case(AREA, name, check);
  }

  private static void order(Trial t) throws Exception {
    Path log = t.dir().resolve("log");
    for (String moment : MOMENTS) {
      t.config().hook(moment, "echo " + moment + " >> " + log);
    }
    t.config().args("true");
    t.create().succeeded();
    assertThat(t.file(log)).isEqualTo("prestart\ncreateRuntime\ncreateContainer");
    t.start().succeeded();
    t.await("stopped");
    assertThat(t.file(log)).endsWith("createContainer\npoststart");
    t.command("delete", t.id()).succeeded();
    assertThat(t.file(log)).endsWith("poststart\npoststop");
  }

  private static void stdin(Trial t) throws Exception {
    for (String moment : MOMENTS) {
      t.config().hook(moment, "cat > " + t.dir().resolve(moment));
    }
    t.config().args("sleep", "1000").set("annotations", "{\"k\":\"v\"}");
    t.launch();
    String pid = t.state().path("pid").asText();
    t.command("delete", "--force", t.id()).succeeded();
    for (String moment : MOMENTS) {
      assertThat(t.file(t.dir().resolve(moment)).replace(" ", ""))
          .as(moment)
          .contains("\"id\":\"" + t.id() + "\"")
          .contains("\"bundle\":\"" + t.dir() + "\"")
          .contains("\"k\":\"v\"");
    }
    assertThat(t.file(t.dir().resolve("createRuntime")).replace(" ", ""))
        .contains("\"pid\":" + pid)
        .contains("\"status\":\"creat");
    assertThat(t.file(t.dir().resolve("createContainer")).replace(" ", ""))
        .contains("\"pid\":" + pid);
    assertThat(t.file(t.dir().resolve("poststart")).replace(" ", ""))
        .contains("\"status\":\"running\"");
    assertThat(t.file(t.dir().resolve("poststop")).replace(" ", ""))
        .contains("\"status\":\"stopped\"");
  }

  private static void namespaces(Trial t) throws Exception {
    t.config().hook("createRuntime", "readlink /proc/self/ns/mnt > " + t.dir().resolve("out"));
    t.config().hook("createContainer", "readlink /proc/self/ns/mnt > " + t.dir().resolve("in"));
    t.config().args("sleep", "1000");
    t.launch();
    String pid = t.state().path("pid").asText();
    assertThat(t.file(t.dir().resolve("in")))
        .isEqualTo(Shell.run("readlink /proc/" + pid + "/ns/mnt"))
        .isNotEqualTo(t.file(t.dir().resolve("out")));
  }

  private static void startContainer(Trial t) throws Exception {
    t.config()
        .add(
            "hooks.startContainer",
            "{\"path\":\"/bin/sh\",\"args\":[\"sh\",\"-c\",\"cat /data/file > /out\"],"
                + "\"env\":[\"PATH=/bin\"]}");
    t.config().shell("cat /out");
    assertThat(t.run().text()).isEqualTo("content");
  }

  private static void arguments(Trial t) throws Exception {
    Path out = t.dir().resolve("out");
    t.config()
        .add(
            "hooks.createRuntime",
            ("{\"path\":\"/bin/sh\",\"args\":[\"zero\",\"-c\",\"echo $0 $1 $A > %s\",\"name\",\"one\"],"
                    + "\"env\":[\"A=b\"]}")
                .formatted(out));
    t.run().succeeded();
    assertThat(t.file(out)).isEqualTo("name one b");
  }

  private static void failing(Trial t, String moment) throws Exception {
    t.config().hook(moment, "echo sorry >&2; exit 3").args("touch", "/ran");
    t.create().refused("");
    assertThat(t.rootfs().resolve("ran")).doesNotExist();
    t.command("state", t.id()).refused("");
  }

  private static void failingStart(Trial t) throws Exception {
    t.config().add("hooks.startContainer", "{\"path\":\"/bin/false\",\"args\":[\"false\"]}");
    t.config().args("touch", "/ran");
    t.create().succeeded();
    t.start().refused("");
    assertThat(t.rootfs().resolve("ran")).doesNotExist();
  }

  private static void failingPoststart(Trial t) throws Exception {
    Path after = t.dir().resolve("after");
    t.config().hook("poststart", "exit 1").hook("poststart", "echo ran > " + after);
    t.config().args("sleep", "1000");
    t.create().succeeded();
    t.start();
    assertThat(t.file(after)).isEqualTo("ran");
    assertThat(t.status()).isEqualTo("running");
  }

  private static void failingPoststop(Trial t) throws Exception {
    Path after = t.dir().resolve("after");
    t.config().hook("poststop", "exit 1").hook("poststop", "echo ran > " + after);
    t.config().args("sleep", "1000");
    t.launch();
    t.command("delete", "--force", t.id()).succeeded();
    assertThat(t.file(after)).isEqualTo("ran");
  }

  private static void timeout(Trial t) throws Exception {
    t.config()
        .add(
            "hooks.createRuntime",
            "{\"path\":\"/bin/sleep\",\"args\":[\"sleep\",\"100\"],\"timeout\":1}");
    long begun = System.nanoTime();
    t.create().refused("");
    assertThat(System.nanoTime() - begun).isLessThan(10_000_000_000L);
  }

  private static void relative(Trial t) throws Exception {
    t.config().add("hooks.createRuntime", "{\"path\":\"true\"}");
    t.run().refused("");
  }
}
