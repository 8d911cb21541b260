package dev.waybill.image.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.waybill.image.store.BlobWriter.Commit;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskBlobStoreTest {
  private static final byte[] CONTENT = "content".getBytes(StandardCharsets.UTF_8);
  private static final Digest DIGEST = Digest.of(CONTENT);

  @TempDir Path data;

  @Test
  void content_is_readable_once_it_is_committed() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(CONTENT));
      assertThat(store.find(DIGEST)).isEmpty();

      assertThat(writer.commit(DIGEST)).isInstanceOf(Commit.Done.class);
    }
    assertThat(store.read(store.find(DIGEST).orElseThrow())).isEqualTo(CONTENT);
    assertThat(store.all()).containsExactly(new StoredBlob(DIGEST, CONTENT.length));
    assertNothingTemporary();
  }

  @Test
  void content_with_another_digest_is_refused_and_gone() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(new byte[] {1}));

      assertThat(writer.commit(DIGEST)).isEqualTo(new Commit.Mismatch(Digest.of(new byte[] {1})));
    }
    assertThat(store.all()).isEmpty();
    assertNothingTemporary();
  }

  @Test
  void content_that_is_begun_again_counts_from_there() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(new byte[1000]));
      writer.restart();
      writer.write(ByteBuffer.wrap(CONTENT));
      assertThat(writer.commit(DIGEST)).isInstanceOf(Commit.Done.class);
    }
    assertThat(store.find(DIGEST).orElseThrow().size()).isEqualTo(CONTENT.length);
  }

  @Test
  void storing_the_same_content_twice_is_a_success() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);

    assertThat(store.store(CONTENT)).isEqualTo(store.store(CONTENT));
    assertNothingTemporary();
  }

  @Test
  void what_a_dead_process_left_half_written_is_removed_at_start() throws IOException {
    BlobWriter abandoned = DiskBlobStore.open(data).prepare();
    abandoned.write(ByteBuffer.wrap(CONTENT));

    DiskBlobStore.open(data);

    assertNothingTemporary();
    abandoned.close();
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

  private static int run(String... command) throws Exception {
    return new ProcessBuilder(command).start().waitFor();
  }

  private void assertNothingTemporary() throws IOException {
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
  }
}
