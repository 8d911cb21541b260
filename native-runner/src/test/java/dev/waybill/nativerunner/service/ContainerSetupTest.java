package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.CreateResponse;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What a program finds inside: the effect of each part of config.json. */
class ContainerSetupTest {
  private static RunnerFixture runner;
  private static int sequence;

  @BeforeAll
  static void start() throws IOException {
    runner = new RunnerFixture();
  }

  @AfterAll
  static void stop() throws IOException {
    runner.close();
  }

  private static TestBundle bundle() throws IOException {
    return runner.bundle("b" + ++sequence);
  }

  private static String text(TestBundle bundle) throws IOException {
    String id = "c" + ++sequence;
    RunnerFixture.Ran ran = runner.run(id, bundle);
    runner.delete(id);
    return ran.text();
  }

  @Test
  void it_is_process_1_of_a_host_with_the_given_name() throws IOException {
    assertThat(text(bundle().guest("pid"))).isEqualTo("1");
    assertThat(text(bundle().guest("host"))).isEqualTo("box");
  }

  @Test
  void nothing_of_the_host_is_open_or_mounted() throws IOException {
    assertThat(text(bundle().guest("ls", "/proc/self/fd")).lines().toList())
        .containsExactly("0", "1", "2", "3"); // 3 is the listing's own
    assertThat(text(bundle().guest("cat", "/proc/self/mountinfo")))
        .contains(" / /proc ")
        .doesNotContain(" /home ")
        .doesNotContain("/sys/fs/cgroup/memory ");
  }

  @Test
  void the_standard_devices_and_links_are_there() throws IOException {
    assertThat(text(bundle().guest("ls", "/dev")).lines())
        .contains(
            "null", "zero", "full", "random", "urandom", "tty", "fd", "stdin", "stdout", "stderr",
            "ptmx", "pts", "shm", "mqueue");
    assertThat(text(bundle().guest("write", "/dev/null"))).isEqualTo("written");
  }

  @Test
  void a_device_that_is_not_allowed_cannot_be_opened_even_if_it_is_made() throws IOException {
    assertThat(text(bundle().guest("node"))).isEqualTo("Operation not permitted");
  }

  @Test
  void masked_paths_are_empty_and_readonly_paths_refuse_writes() throws IOException {
    assertThat(text(bundle().guest("cat", "/proc/keys"))).isEmpty();
    assertThat(text(bundle().guest("ls", "/sys/firmware"))).isEmpty();
    assertThat(text(bundle().guest("write", "/proc/sys/kernel/hostname")))
        .isEqualTo("Read-only file system");
  }

  @Test
  void a_readonly_root_refuses_writes_but_its_mounts_do_not() throws IOException {
    String root = "\"path\":\"rootfs\",\"readonly\":true";
    assertThat(text(bundle().root(root).guest("write", "/x"))).isEqualTo("Read-only file system");
    assertThat(text(bundle().root(root).guest("write", "/dev/shm/x"))).isEqualTo("written");
  }

  @Test
  void binds_show_host_directories_with_their_options() throws IOException {
    Path shared = Files.createDirectories(runner.dir().resolve("shared"));
    String mount =
        "{\"destination\":\"/data/deep\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[%s]}";

    assertThat(
            text(
                bundle()
                    .mount(mount.formatted(shared, "\"rbind\",\"rw\""))
                    .guest("write", "/data/deep/file")))
        .isEqualTo("written");
    assertThat(shared.resolve("file")).hasContent("x");
    assertThat(
            text(
                bundle()
                    .mount(mount.formatted(shared, "\"rbind\",\"ro\""))
                    .guest("write", "/data/deep/other")))
        .isEqualTo("Read-only file system");
  }

  @Test
  void a_symlink_in_the_image_does_not_lead_a_mount_out_of_it() throws IOException {
    Path outside = Files.createDirectories(runner.dir().resolve("outside"));
    Path shared = Files.createDirectories(runner.dir().resolve("shared2"));
    TestBundle bundle = bundle();
    Files.createSymbolicLink(bundle.rootfs().resolve("door"), outside);
    bundle.mount(
        "{\"destination\":\"/door/in\",\"type\":\"bind\",\"source\":\"%s\",\"options\":[\"bind\"]}"
            .formatted(shared));
    // The link leads to the same name below the root, where there is nothing.
    Files.createDirectories(bundle.rootfs().resolve(outside.toString().substring(1)));

    text(bundle.guest("true"));

    assertThat(outside).isEmptyDirectory();
    assertThat(bundle.rootfs().resolve(outside.toString().substring(1)).resolve("in")).exists();
  }

  @Test
  void user_groups_capabilities_and_limits_are_set() throws IOException {
    TestBundle bundle =
        bundle()
            .process("\"user\":{\"uid\":1000,\"gid\":100,\"additionalGids\":[7,8],\"umask\":63}")
            .guest("status", "");
    String status = text(bundle);
    assertThat(status)
        .contains("Uid:\t1000\t1000")
        .contains("Gid:\t100\t100")
        .contains("Groups:\t7 8")
        .contains("CapBnd:\t0000000008000021")
        .contains("NoNewPrivs:\t1")
        .contains("Umask:\t0077");
    assertThat(
            text(
                bundle()
                    .process(
                        "\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":512,\"hard\":1024}]")
                    .guest("nofile")))
        .isEqualTo("512 1024");
  }

  @Test
  void what_the_host_cannot_give_is_lowered_and_said() throws IOException {
    TestBundle bundle =
        bundle()
            .process("\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1048576,\"hard\":1048576}]")
            .guest("nofile");
    CreateResponse created = runner.create("lowered", bundle);

    if (created.getNotesCount() > 0) {
      assertThat(created.getNotes(0)).contains("process.rlimits[0]").contains("CAP_SYS_RESOURCE");
    }
  }

  @Test
  void the_default_seccomp_profile_refuses_what_it_should() throws IOException {
    TestBundle base = bundle().annotation("dev.waybill.seccomp", "default");
    assertThat(text(base.guest("status", "Seccomp:"))).isEqualTo("Seccomp:\t2");
    // keyctl, and a number that no kernel has
    assertThat(text(bundle().annotation("dev.waybill.seccomp", "default").guest("syscall", "250")))
        .isEqualTo("Operation not permitted");
    assertThat(text(bundle().annotation("dev.waybill.seccomp", "default").guest("syscall", "999")))
        .isEqualTo("Function not implemented");
    assertThat(text(bundle().annotation("dev.waybill.seccomp", "default").guest("forks", "2")))
        .isEqualTo("forked 2");
  }

  @Test
  void the_number_of_processes_is_limited() throws IOException {
    assertThat(text(bundle().resources("\"pids\":{\"limit\":4}").guest("forks", "10")))
        .isEqualTo("forked 3");
  }

  @Test
  void a_sysctl_of_its_own_namespaces_is_set() throws IOException {
    assertThat(
            text(
                bundle()
                    .linux("\"sysctl\":{\"net.ipv4.ip_forward\":\"1\",\"kernel.msgmax\":\"4242\"}")
                    .guest("cat", "/proc/sys/kernel/msgmax")))
        .isEqualTo("4242");
  }

  @Test
  void an_overlay_of_many_layers_is_the_root_and_never_on_the_host() throws IOException {
    TestBundle bundle = bundle();
    Path layers = Files.createDirectories(runner.dir().resolve("layers-" + "x".repeat(60)));
    List<String> lower = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      Path layer = Files.createDirectories(layers.resolve("layer-" + i));
      Files.writeString(layer.resolve("top"), "layer " + i + "\n");
      lower.add(layer.toString());
    }
    lower.add(bundle.rootfs().toString());
    Path target = Files.createDirectories(bundle.dir().resolve("merged"));
    Path upper = Files.createDirectories(bundle.dir().resolve("upper"));
    Path work = Files.createDirectories(bundle.dir().resolve("work"));
    bundle
        .root("\"path\":\"merged\"")
        .annotation("dev.waybill.rootfs.lowerdir", String.join(":", lower))
        .annotation("dev.waybill.rootfs.upperdir", upper.toString())
        .annotation("dev.waybill.rootfs.workdir", work.toString());

    assertThat(text(bundle.guest("cat", "/top"))).isEqualTo("layer 0");
    assertThat(text(bundle.guest("write", "/changed"))).isEqualTo("written");
    assertThat(upper.resolve("changed")).exists();
    assertThat(target).isEmptyDirectory();
  }

  @Test
  void a_root_that_nobody_needs_afterwards_is_mounted_without_waiting_for_the_disk()
      throws IOException {
    TestBundle bundle = bundle();
    Files.createDirectories(bundle.dir().resolve("merged"));
    bundle
        .root("\"path\":\"merged\"")
        .annotation("dev.waybill.rootfs.lowerdir", bundle.rootfs().toString())
        .annotation(
            "dev.waybill.rootfs.upperdir",
            Files.createDirectories(bundle.dir().resolve("upper")).toString())
        .annotation(
            "dev.waybill.rootfs.workdir",
            Files.createDirectories(bundle.dir().resolve("work")).toString())
        .annotation("dev.waybill.rootfs.volatile", "true");

    assertThat(text(bundle.guest("cat", "/proc/self/mounts")))
        .containsPattern(" / overlay \\S*\\bvolatile\\b");
  }

  @Test
  void a_user_namespace_maps_root_to_nobody() throws IOException {
    TestBundle bundle =
        bundle()
            .linux(
                "\"uidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}],"
                    + "\"gidMappings\":[{\"containerID\":0,\"hostID\":100000,\"size\":65536}]")
            .user()
            .guest("ids");
    // Root of the new namespace is nobody here, and must find its root filesystem.
    for (Path dir = bundle.dir(); !dir.equals(Path.of("/tmp")); dir = dir.getParent()) {
      dir.toFile().setExecutable(true, false);
    }
    assertThat(text(bundle)).isEqualTo("0:0");
    assertThat(text(bundle.guest("cat", "/proc/self/uid_map")).strip().split("\\s+"))
        .containsExactly("0", "100000", "65536");
  }

  @Test
  void its_own_cgroups_are_shown_readonly() throws IOException {
    TestBundle bundle =
        bundle()
            .mount(
                "{\"destination\":\"/sys/fs/cgroup\",\"type\":\"cgroup\",\"source\":\"cgroup\",\"options\":[\"ro\"]}")
            .resources("\"pids\":{\"limit\":33}");
    if (Files.exists(Path.of("/sys/fs/cgroup/pids"))) {
      assertThat(text(bundle.guest("cat", "/sys/fs/cgroup/pids/pids.max"))).isEqualTo("33");
      assertThat(text(bundle.guest("write", "/sys/fs/cgroup/pids/pids.max")))
          .isEqualTo("Read-only file system");
    }
    assertThat(text(bundle.guest("cat", "/proc/self/cgroup"))).doesNotContain("waybill");
  }

  @Test
  void namespaces_are_joined_by_path() throws IOException {
    runner
        .api()
        .create(
            CreateRequest.newBuilder()
                .setId("owner")
                .setBundle(bundle().guest("sleep", "600").write())
                .setStart(true)
                .build());
    int pid =
        runner
            .api()
            .state(dev.waybill.contracts.runner.v1.StateRequest.newBuilder().setId("owner").build())
            .getPid();
    TestBundle joined =
        bundle()
            .top("\"hostname\":\"\"")
            .without("pid")
            .without("uts")
            .without("ipc")
            .without("network");
    for (String[] space :
        new String[][] {{"pid", "pid"}, {"uts", "uts"}, {"ipc", "ipc"}, {"network", "net"}}) {
      joined.joins(space[0], "/proc/" + pid + "/ns/" + space[1]);
    }

    String own = text(joined.guest("pid"));
    assertThat(Integer.parseInt(own)).isBetween(2, 20);
    String cmdline = text(joined.guest("cat", "/proc/1/cmdline"));
    assertThat(cmdline).contains("sleep");
  }
}
