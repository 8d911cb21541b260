package dev.waybill.image.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class DiskBlobStoreTest extends BlobStoreContract {
  @Override
  protected BlobStore open() throws IOException {
    return DiskBlobStore.open(data);
  }

  @Override
  protected byte[] quarantined(Digest digest) throws IOException {
    return Files.readAllBytes(data.resolve("quarantine").resolve(digest.hex()));
  }

  @Override
  protected List<String> program() {
    return List.of(data.toString());
  }

  @Test
  void a_full_disk_is_said_and_nothing_half_written_stays() throws Exception {
    Path mount = Files.createDirectories(data.resolve("small"));
    assumeTrue(
        run("mount", "-t", "tmpfs", "-o", "size=256k", "none", mount.toString()) == 0,
        "needs root to mount a small file system");
    try {
      DiskBlobStore store = DiskBlobStore.open(mount);
      try (BlobWriter writer = store.prepare()) {
        assertThatThrownBy(() -> writer.write(ByteBuffer.allocate(1 << 20)))
            .isInstanceOf(StoreFullException.class)
            .hasMessageContaining("no space left in " + mount);
      }
      try (Stream<Path> left = Files.list(mount.resolve("ingest"))) {
        assertThat(left).isEmpty();
      }
      assertThat(store.store(CONTENT).size()).as("room again").isEqualTo(CONTENT.length);
    } finally {
      assertThat(run("umount", mount.toString())).isZero();
    }
  }

  @Test
  void what_failed_while_it_was_forced_ahead_is_not_stored() throws Exception {
    LocalDisk local = new LocalDisk();
    Disk full =
        (Disk)
            Proxy.newProxyInstance(
                Disk.class.getClassLoader(),
                new Class<?>[] {Disk.class},
                (_, method, arguments) ->
                    method.getName().equals("forceAhead")
                        ? CompletableFuture.failedFuture(new IOException("No space left on device"))
                        : method.invoke(local, arguments));
    DiskBlobStore store = DiskBlobStore.open(data, full);
    byte[] content = new byte[5 << 20];
    Digest digest = Digest.of(content);
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(content));

      assertThatThrownBy(() -> writer.commit(digest)).isInstanceOf(StoreFullException.class);
    }

    assertThat(store.find(digest)).isEmpty();
    assertThat(data.resolve("ingest")).isEmptyDirectory();
  }

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }
}
