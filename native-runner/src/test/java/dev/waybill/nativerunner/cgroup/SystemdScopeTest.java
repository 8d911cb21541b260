package dev.waybill.nativerunner.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.nativerunner.spec.RefusedSpecException;
import dev.waybill.oci.runtime.Resources;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The calls themselves are tried with a real systemd by scenarios/systemd.sh. */
class SystemdScopeTest {
  private static final int HEADER = 16;

  @ParameterizedTest
  @CsvSource({
    "system.slice:docker:c1, /system.slice/docker-c1.scope",
    "a-b-c.slice:p:n, /a.slice/a-b.slice/a-b-c.slice/p-n.scope",
    "-.slice:p:n, /p-n.scope",
    ":libpod:n, /system.slice/libpod-n.scope",
    "user.slice::n, /user.slice/n.scope",
    "'', /system.slice/waybill-c1.scope"
  })
  void a_slice_lies_in_those_that_its_name_begins_with(String cgroupsPath, String path)
      throws Exception {
    assertThat(SystemdScope.of(cgroupsPath, "c1").path()).isEqualTo(path);
  }

  @ParameterizedTest
  @ValueSource(strings = {"/waybill/c1", "a:b", "a.slice:b:", "nice:b:c", "a.slice:b:c:d"})
  void what_names_no_unit_is_refused_with_the_form_that_it_should_have(String cgroupsPath) {
    assertThatThrownBy(() -> SystemdScope.of(cgroupsPath, "c1"))
        .isInstanceOf(RefusedSpecException.class)
        .hasMessageContaining("linux.cgroupsPath")
        .hasMessageContaining("slice");
  }

  @Test
  void a_call_has_the_lengths_that_it_says_and_a_place_for_the_process() throws Exception {
    SystemdScope scope = SystemdScope.of("a.slice:b:c", "c1");
    SystemdScope.Start start = scope.start(Resources.NONE, true);

    assertThat(lengthOf(start.message())).isEqualTo(start.message().length);
    assertThat(lengthOf(scope.stop())).isEqualTo(scope.stop().length);
    ByteBuffer message = ByteBuffer.wrap(start.message()).order(ByteOrder.LITTLE_ENDIAN);
    assertThat(message.getInt(start.pidAt())).isZero();
    assertThat(message.getInt(start.pidAt() - Integer.BYTES)).isEqualTo(Integer.BYTES);
    assertThat(new String(start.message(), StandardCharsets.ISO_8859_1))
        .contains("StartTransientUnit", "b-c.scope", "a.slice", "Delegate");
  }

  private static int lengthOf(byte[] bytes) {
    ByteBuffer message = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    int fields = message.getInt(12);
    return HEADER + Math.ceilDiv(fields, 8) * 8 + message.getInt(4);
  }
}
