package dev.waybill.nativerunner.service;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.contracts.runner.v1.ContainerState;
import dev.waybill.contracts.runner.v1.CreateRequest;
import dev.waybill.contracts.runner.v1.DeleteRequest;
import dev.waybill.contracts.runner.v1.ListRequest;
import dev.waybill.contracts.runner.v1.RunnerGrpc;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollEventLoopGroup;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The service as a process of its own, killed while it makes containers. */
class KilledServiceTest {
  private final EpollEventLoopGroup loops = new EpollEventLoopGroup(1);

  private static Process service(Path dir) throws IOException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "--root",
                dir.resolve("r").toString(),
                "--executor",
                "bin/waybill-runner")
            .redirectError(dir.resolve("service.log").toFile())
            .start();
    BufferedReader out =
        new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
    assertThat(out.readLine()).startsWith("ready ");
    return process;
  }

  private ManagedChannel channel(Path dir) {
    return NettyChannelBuilder.forAddress(
            new DomainSocketAddress(dir.resolve("r/runner.sock").toFile()))
        .channelType(EpollDomainSocketChannel.class)
        .eventLoopGroup(loops)
        .usePlaintext()
        .build();
  }

  /** Creates containers until the service goes away; those that were acknowledged. */
  private static List<String> createUntilDeath(RunnerGrpc.RunnerBlockingStub api, String bundle) {
    List<String> acknowledged = new ArrayList<>();
    try {
      for (int i = 0; i < 10_000; i++) {
        String id = "k" + i;
        api.create(CreateRequest.newBuilder().setId(id).setBundle(bundle).setStart(true).build());
        acknowledged.add(id);
      }
    } catch (StatusRuntimeException dead) {
      assertThat(dead.getStatus().getCode()).isEqualTo(io.grpc.Status.Code.UNAVAILABLE);
    }
    return acknowledged;
  }

  @Test
  void kill_9_at_random_moments_loses_and_doubles_no_container() throws Exception {
    Path dir = Files.createTempDirectory("wbk");
    String bundle = TestBundle.in(dir, "b").guest("sleep", "600").write();
    for (int round = 0; round < 3; round++) {
      Process service = service(dir);
      ManagedChannel channel = channel(dir);
      long delayMs = 40 + round * 37L;
      Thread killer =
          Thread.ofPlatform()
              .start(
                  () -> {
                    try {
                      Thread.sleep(delayMs);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    service.destroyForcibly();
                  });
      List<String> acknowledged = createUntilDeath(RunnerGrpc.newBlockingStub(channel), bundle);
      killer.join();
      service.waitFor();
      channel.shutdownNow();
      checkAndDelete(dir, acknowledged);
    }
    loops.shutdownGracefully();
    new StateDir(dir).remove();
  }

  private void checkAndDelete(Path dir, List<String> acknowledged) throws Exception {
    Process service = service(dir);
    ManagedChannel channel = channel(dir);
    RunnerGrpc.RunnerBlockingStub api = RunnerGrpc.newBlockingStub(channel);
    List<ContainerState> found = api.list(ListRequest.getDefaultInstance()).getContainersList();
    assertThat(found).extracting(ContainerState::getId).containsAll(acknowledged);
    // One more may have been made without anybody having been told.
    assertThat(found.size() - acknowledged.size()).isBetween(0, 1);
    assertThat(found).allMatch(c -> ProcessHandle.of(c.getPid()).isPresent());
    for (ContainerState c : found) {
      api.delete(DeleteRequest.newBuilder().setId(c.getId()).setForce(true).build());
      assertThat(Path.of("/sys/fs/cgroup/pids/waybill", c.getId())).doesNotExist();
    }
    channel.shutdownNow();
    service.destroy();
    service.waitFor();
    try (var left = Files.newDirectoryStream(dir.resolve("r"), Files::isDirectory)) {
      assertThat(left).extracting(p -> p.getFileName().toString()).containsExactly("netns");
    }
  }
}
