package dev.waybill.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.image.store.BlobWriter.Commit;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What every store does, wherever it keeps its content. */
public abstract class BlobStoreContract {
  protected static final byte[] CONTENT = "content".getBytes(UTF_8);
  protected static final Digest DIGEST = Digest.of(CONTENT);
  private static final int MANY = 1100; // A page of a listing has a thousand.
  private static final long BIG_BYTES = 256L << 20;
  private static final int HEAP_MEBIBYTES = 64;

  /** Directory of the store on this machine. */
  @TempDir protected Path data;

  /** Opens the store, or opens it again as after an end of the process. */
  protected abstract BlobStore open() throws Exception;

  /** What the store has set aside under this digest. */
  protected abstract byte[] quarantined(Digest digest) throws Exception;

  /** Arguments of {@link BigBlobProgram} for this store. */
  protected abstract List<String> program();

  @Test
  void content_is_readable_once_it_is_committed() throws Exception {
    BlobStore store = open();
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(CONTENT));
      assertThat(writer.size()).isEqualTo(CONTENT.length);
      assertThat(store.find(DIGEST)).isEmpty();

      assertThat(writer.commit(DIGEST)).isInstanceOf(Commit.Done.class);
    }
    assertThat(store.read(store.find(DIGEST).orElseThrow())).isEqualTo(CONTENT);
    assertThat(store.all()).containsExactly(new StoredBlob(DIGEST, CONTENT.length));
    assertNothingTemporary();
  }

  @Test
  void content_with_another_digest_is_refused_and_gone() throws Exception {
    BlobStore store = open();
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(new byte[] {1}));

      assertThat(writer.commit(DIGEST)).isEqualTo(new Commit.Mismatch(Digest.of(new byte[] {1})));
    }
    assertThat(store.all()).isEmpty();
    assertThat(open().all()).isEmpty();
    assertNothingTemporary();
  }

  @Test
  void content_that_is_begun_again_counts_from_there() throws Exception {
    BlobStore store = open();
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(new byte[1000]));
      writer.restart();
      assertThat(writer.size()).isZero();
      writer.write(ByteBuffer.wrap(CONTENT));
      assertThat(writer.commit(DIGEST)).isInstanceOf(Commit.Done.class);
    }
    assertThat(store.read(store.find(DIGEST).orElseThrow())).isEqualTo(CONTENT);
  }

  @Test
  void content_that_is_let_go_is_nowhere() throws Exception {
    BlobStore store = open();
    BlobWriter writer = store.prepare();
    writer.write(ByteBuffer.wrap(CONTENT));

    writer.close();
    writer.close();

    assertNothingTemporary();
    assertThat(open().all()).isEmpty();
  }

  @Test
  void storing_the_same_content_twice_is_a_success() throws Exception {
    BlobStore store = open();

    assertThat(store.store(CONTENT)).isEqualTo(store.store(CONTENT));
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(CONTENT));
      assertThat(writer.commit(DIGEST))
          .isEqualTo(new Commit.Done(new StoredBlob(DIGEST, CONTENT.length)));
    }
    assertThat(store.all()).hasSize(1);
    assertNothingTemporary();
  }

  @Test
  void content_is_kept_under_the_algorithm_that_it_is_named_by() throws Exception {
    Digest sha512 = new Digest("sha512", "0".repeat(128)).likewise(CONTENT);
    BlobStore store = open();
    store.store(CONTENT);
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(CONTENT));
      assertThat(writer.commit(sha512)).isInstanceOf(Commit.Done.class);
    }
    try (BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(new byte[1]));
      assertThat(writer.commit(sha512)).isInstanceOf(Commit.Mismatch.class);
    }

    BlobStore later = open();
    assertThat(later.all())
        .extracting(StoredBlob::digest)
        .containsExactlyInAnyOrder(DIGEST, sha512);
    assertThat(later.read(later.find(sha512).orElseThrow())).isEqualTo(CONTENT);
    later.setAside(sha512);
    assertThat(later.quarantine()).extracting(SetAside::digest).containsExactly(sha512);
    assertThat(later.discard(sha512)).isTrue();
    assertThat(later.find(DIGEST)).isPresent();
    assertNothingTemporary();
  }

  @Test
  void content_is_there_after_a_restart_and_what_a_dead_process_left_half_written_is_not()
      throws Exception {
    BlobStore before = open();
    before.store(CONTENT);
    BlobWriter abandoned = before.prepare();
    abandoned.write(ByteBuffer.wrap(new byte[] {1}));

    BlobStore after = open();

    assertNothingTemporary();
    assertThat(after.all()).containsExactly(new StoredBlob(DIGEST, CONTENT.length));
    assertThat(after.read(after.find(DIGEST).orElseThrow())).isEqualTo(CONTENT);
    abandoned.close();
  }

  @Test
  void many_who_store_the_same_at_once_all_succeed() throws Exception {
    BlobStore store = open();
    byte[] content = random(300_000);
    Digest digest = Digest.of(content);
    int writers = 8;
    CyclicBarrier together = new CyclicBarrier(writers);
    List<Future<Commit>> commits = new ArrayList<>();
    try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < writers; i++) {
        commits.add(
            tasks.submit(
                () -> {
                  try (BlobWriter writer = store.prepare()) {
                    writer.write(ByteBuffer.wrap(content));
                    together.await(20, TimeUnit.SECONDS);
                    return writer.commit(digest);
                  }
                }));
      }
    }
    for (Future<Commit> commit : commits) {
      assertThat(commit.get()).isEqualTo(new Commit.Done(new StoredBlob(digest, content.length)));
    }
    assertThat(open().all()).hasSize(1);
    assertThat(store.read(store.find(digest).orElseThrow())).isEqualTo(content);
    assertNothingTemporary();
  }

  @Test
  void any_range_of_the_content_is_to_be_had() throws Exception {
    BlobStore store = open();
    byte[] content = random(100_000);
    StoredBlob blob = store.store(content);

    assertThat(range(store, blob, 0, content.length)).isEqualTo(content);
    assertThat(range(store, blob, 99_999, 1)).containsExactly(content[99_999]);
    assertThat(range(store, blob, 1_000, 3))
        .containsExactly(content[1000], content[1001], content[1002]);
    assertThat(range(store, blob, 7, 0)).isEmpty();
    try (InputStream whole = store.open(blob)) {
      assertThat(whole.readAllBytes()).isEqualTo(content);
    }
    try (InputStream begun = store.open(blob)) { // Who leaves early holds nothing up.
      assertThat(begun.read()).isEqualTo(content[0] & 0xff);
    }
  }

  @Test
  void content_may_be_empty() throws Exception {
    BlobStore store = open();

    StoredBlob empty = store.store(new byte[0]);

    assertThat(store.read(empty)).isEmpty();
    assertThat(range(store, empty, 0, 0)).isEmpty();
    assertThat(open().all()).containsExactly(empty);
  }

  @Test
  void what_is_deleted_is_gone_and_can_be_stored_again() throws Exception {
    BlobStore store = open();
    StoredBlob blob = store.store(CONTENT);

    assertThat(store.delete(DIGEST)).isTrue();

    assertThat(store.find(DIGEST)).isEmpty();
    assertThat(store.delete(DIGEST)).as("not a second time").isFalse();
    assertThatThrownBy(() -> store.read(blob)).isInstanceOf(NoSuchFileException.class);
    assertThat(open().all()).isEmpty();
    assertThat(store.store(CONTENT)).isEqualTo(blob);
    assertThat(store.read(blob)).isEqualTo(CONTENT);
  }

  @Test
  void what_is_set_aside_is_kept_where_nobody_reads_it() throws Exception {
    BlobStore store = open();
    StoredBlob blob = store.store(CONTENT);

    store.setAside(DIGEST);

    assertThat(store.find(DIGEST)).isEmpty();
    assertThat(open().all()).isEmpty();
    assertThat(quarantined(DIGEST)).isEqualTo(CONTENT);
    assertThat(store.store(CONTENT)).as("it may come again").isEqualTo(blob);
    store.setAside(DIGEST);
    assertThat(quarantined(DIGEST)).isEqualTo(CONTENT);
  }

  @Test
  void what_is_set_aside_is_listed_with_the_time_until_it_is_discarded() throws Exception {
    BlobStore store = open();
    assertThat(store.quarantine()).isEmpty();
    store.store(CONTENT);
    Instant before = Instant.now().truncatedTo(ChronoUnit.SECONDS); // As fine as S3's times are.

    store.setAside(DIGEST);

    SetAside kept = open().quarantine().iterator().next();
    assertThat(kept.digest()).isEqualTo(DIGEST);
    assertThat(kept.size()).isEqualTo(CONTENT.length);
    assertThat(kept.since()).isBetween(before, Instant.now());
    assertThat(store.discard(DIGEST)).isTrue();
    assertThat(store.discard(DIGEST)).as("not a second time").isFalse();
    assertThat(store.quarantine()).isEmpty();
  }

  @Test
  void everything_is_listed_however_much_it_is() throws Exception {
    BlobStore store = open();
    Set<StoredBlob> expected = new HashSet<>();
    for (int i = 0; i < MANY; i++) {
      expected.add(store.store(Integer.toString(i).getBytes(UTF_8)));
    }

    assertThat(store.all()).containsExactlyInAnyOrderElementsOf(expected);
    assertThat(open().all()).containsExactlyInAnyOrderElementsOf(expected);
  }

  /** In a process of its own, since its heap must be smaller than the content is. */
  @Test
  void content_larger_than_the_memory_is_stored_and_read_back() throws Exception {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-Xmx" + HEAP_MEBIBYTES + "m");
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(BigBlobProgram.class.getName());
    command.add(Long.toString(Long.getLong("waybill.test.big-bytes", BIG_BYTES)));
    command.addAll(program());
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();

    String output = new String(process.getInputStream().readAllBytes(), UTF_8);

    assertThat(process.waitFor()).as(output).isZero();
    assertThat(output).contains("read back what was written");
  }

  /** Reads as the registry does when it sends part of a blob. */
  private static byte[] range(BlobStore store, StoredBlob blob, int offset, int length)
      throws IOException {
    return switch (store.content(blob)) {
      case Content.LocalFile(var file) ->
          Arrays.copyOfRange(Files.readAllBytes(file), offset, offset + length);
      case Content.Streamed streamed -> {
        try (InputStream in = streamed.open(offset, length)) {
          yield in.readAllBytes();
        }
      }
    };
  }

  protected static byte[] random(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }

  protected final void assertNothingTemporary() throws IOException {
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
  }
}
