package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.runner.v1.CreateRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Many idle containers on one host. {@code -Dmany.containers=1000} tells figures of a real load;
 * the build makes few, to see that what stays with each is small.
 */
class ManyContainersTest {
  private static final double PSS_KILOBYTES_MAX = 150;

  private static long monitorOf(long pid) throws IOException {
    String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
    return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[1]);
  }

  private static long pssKilobytes(long pid) throws IOException {
    return Files.readAllLines(Path.of("/proc/" + pid + "/smaps_rollup")).stream()
        .filter(line -> line.startsWith("Pss:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
        .findFirst()
        .orElseThrow();
  }

  @Test
  @Timeout(400)
  void many_idle_containers_live_beside_each_other() throws Exception {
    int count = Integer.getInteger("many.containers", 60);
    List<String> ids = new ArrayList<>();
    try (RunnerFixture runner = new RunnerFixture()) {
      TestBundle bundle = runner.bundle("idle").guest("sleep", "10000");
      long begun = System.nanoTime();
      for (int i = 0; i < count; i++) {
        String id = "idle-" + i;
        runner
            .api()
            .create(
                CreateRequest.newBuilder()
                    .setId(id)
                    .setBundle(bundle.write())
                    .setLogPath(runner.log(id).toString())
                    .setStart(true)
                    .build());
        ids.add(id);
      }
      double seconds = (System.nanoTime() - begun) / 1e9;

      long total = 0;
      for (String id : ids) {
        assertThat(runner.state(id).getStatus().name()).contains("RUNNING");
        total += pssKilobytes(monitorOf(runner.state(id).getPid()));
      }
      begun = System.nanoTime();
      ids.forEach(runner::delete);
      double removal = (System.nanoTime() - begun) / 1e9;
      System.out.printf(
          "%d containers: %.0f a second created and started, %.0f a second deleted, monitor %.0f KB each%n",
          count, count / seconds, count / removal, (double) total / count);
      assertThat((double) total / count).isLessThan(PSS_KILOBYTES_MAX);
      assertThat(Path.of("/sys/fs/cgroup/pids/waybill/idle-0")).doesNotExist();
    }
  }
}
