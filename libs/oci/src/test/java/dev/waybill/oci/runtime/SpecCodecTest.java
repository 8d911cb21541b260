package dev.waybill.oci.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

/** Reading and writing config.json. */
class SpecCodecTest {
  private static Spec read(String json) throws SpecFormatException {
    return SpecCodec.readSpec(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void unknown_members_are_tolerated_and_absent_ones_are_empty() throws SpecFormatException {
    Spec spec = read("{\"ociVersion\":\"1.3.0\",\"vm\":{\"x\":[1]},\"linux\":{\"netDevices\":{}}}");

    assertThat(spec.ociVersion()).isEqualTo("1.3.0");
    assertThat(spec.mounts()).isEmpty();
    assertThat(spec.linux().maskedPaths()).isEmpty();
    assertThat(spec.process()).isNull();
  }

  @Test
  void a_member_of_the_wrong_type_is_told_with_its_path() {
    assertThatThrownBy(
            () -> read("{\"process\":{\"rlimits\":[{\"type\":\"A\"},{\"hard\":\"many\"}]}}"))
        .isInstanceOf(SpecFormatException.class)
        .hasMessageStartingWith("process.rlimits[1].hard: expected an integer");
    assertThatThrownBy(() -> read("{\"mounts\":{}}"))
        .hasMessageStartingWith("mounts: expected an array");
    assertThatThrownBy(() -> read("{\"process\":{\"terminal\":\"yes\"}}"))
        .hasMessageStartingWith("process.terminal: expected true or false");
    assertThatThrownBy(() -> read("{\"root\":[]}"))
        .hasMessageStartingWith("root: expected an object");
    assertThatThrownBy(() -> read("{\"linux\":{\"resources\":{\"memory\":{\"limit\":1.5}}}}"))
        .hasMessageStartingWith("linux.resources.memory.limit: ");
  }

  @Test
  void what_is_not_json_is_told_with_line_and_column() {
    assertThatThrownBy(() -> read("{\n  \"process\": nope}"))
        .isInstanceOf(SpecFormatException.class)
        .hasMessageContaining("line 2, column");
    assertThatThrownBy(() -> read("{} trailing")).isInstanceOf(SpecFormatException.class);
    assertThatThrownBy(() -> read("null")).hasMessageContaining("null instead of an object");
  }

  @Test
  void unsigned_numbers_of_64_bits_are_kept() throws SpecFormatException {
    Spec spec =
        read(
            "{\"process\":{\"rlimits\":[{\"type\":\"RLIMIT_CORE\",\"soft\":0,"
                + "\"hard\":18446744073709551615}]}}");

    assertThat(spec.process().rlimits().getFirst().hard()).isEqualTo(-1L);
    assertThat(new String(SpecCodec.write(spec), StandardCharsets.UTF_8))
        .contains("18446744073709551615");
    assertThatThrownBy(() -> read("{\"process\":{\"rlimits\":[{\"hard\":18446744073709551616}]}}"))
        .hasMessageStartingWith("process.rlimits[0].hard: ");
  }

  @Test
  void what_is_written_reads_back_the_same() throws SpecFormatException {
    Spec spec =
        read(
            """
            {"ociVersion":"1.2.0","hostname":"h","root":{"path":"r","readonly":true},
             "process":{"args":["a"],"cwd":"/","user":{"uid":5,"additionalGids":[1]},
              "capabilities":{"bounding":["CAP_KILL"]}},
             "mounts":[{"destination":"/proc","type":"proc","options":["ro"]}],
             "annotations":{"z":"1","a":"2"},
             "linux":{"namespaces":[{"type":"pid"}],"sysctl":{"net.x":"1"},
              "resources":{"devices":[{"allow":true,"type":"c","major":1,"access":"r"}],
               "cpu":{"shares":100}},
              "seccomp":{"defaultAction":"SCMP_ACT_ERRNO","syscalls":[{"names":["read"],
               "action":"SCMP_ACT_ALLOW","args":[{"index":0,"value":9,"op":"SCMP_CMP_EQ"}]}]}}}
            """);

    assertThat(SpecCodec.readSpec(SpecCodec.write(spec))).isEqualTo(spec);
    assertThat(spec.annotations().sequencedKeySet()).containsExactly("z", "a");
  }
}
