package dev.waybill.image.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.image.store.BlobWriter;
import dev.waybill.image.store.Content;
import dev.waybill.image.store.StoreFailedException;
import dev.waybill.image.store.StoredBlob;
import dev.waybill.image.store.s3.FaultyLine.Fault;
import dev.waybill.kernel.Digest;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.S3Object;

class S3FailureTest {
  private static final long MEBIBYTE = 1 << 20;

  /** Content of 12 MiB has three parts then, and is copied in two. */
  private static final S3Limits SMALL = new S3Limits(5 * MEBIBYTE, 2, 7 * MEBIBYTE);

  private static final byte[] CONTENT = content((int) (12 * MEBIBYTE));
  private static final Digest DIGEST = Digest.of(CONTENT);

  @TempDir Path home;
  @TempDir Path data;
  private LoopbackS3 s3;
  private FaultyLine line;
  private S3BlobStore store;

  @BeforeEach
  void start() throws Exception {
    s3 = LoopbackS3.start(home);
    line = FaultyLine.to(s3.port());
    store = S3BlobStore.open(s3.settings("", line.port()), SMALL, data);
  }

  @AfterEach
  void stop() throws Exception {
    store.close();
    line.close();
    s3.close();
  }

  @Test
  void large_content_goes_up_in_parts_and_comes_back_whole() throws Exception {
    StoredBlob blob = store.store(CONTENT);

    assertThat(store.read(blob)).isEqualTo(CONTENT);
    assertThat(uploads()).isEmpty();
  }

  @Test
  void a_line_that_is_cut_in_a_push_leaves_nothing_and_the_push_may_be_done_again()
      throws Exception {
    line.inject(new Fault.CutUp(MEBIBYTE / 2));

    refuses(CONTENT, "cannot reach http://127.0.0.1:" + line.port());

    line.inject(new Fault.None());
    assertNothingStored();
    assertThat(store.read(store.store(CONTENT))).isEqualTo(CONTENT);
  }

  @Test
  void a_server_that_ends_in_a_push_leaves_nothing_that_is_seen_and_the_push_may_be_done_again()
      throws Exception {
    CountDownLatch underWay = new CountDownLatch(1);
    line.inject(new Fault.Swallow(7 * MEBIBYTE / 2, underWay));
    try (ExecutorService tasks = Executors.newVirtualThreadPerTaskExecutor();
        BlobWriter writer = store.prepare()) {
      writer.write(ByteBuffer.wrap(CONTENT));
      Future<BlobWriter.Commit> commit = tasks.submit(() -> writer.commit(DIGEST));
      assertThat(underWay.await(20, TimeUnit.SECONDS)).isTrue();
      assertThat(uploads()).as("there are parts of it").hasSize(1);

      s3.stop();

      assertThatThrownBy(commit::get).hasCauseInstanceOf(StoreFailedException.class);
    }
    s3.restart();
    line.inject(new Fault.None());

    assertNothingStored();
    assertThat(store.read(store.store(CONTENT))).isEqualTo(CONTENT);
  }

  @Test
  void a_server_that_is_busy_for_a_while_is_asked_again() throws Exception {
    line.inject(new Fault.Busy(), 2);

    assertThat(store.read(store.store(CONTENT))).isEqualTo(CONTENT);

    assertThat(line.left()).isZero();
  }

  @Test
  void a_server_that_stays_busy_is_said_and_nothing_is_stored() throws Exception {
    line.inject(new Fault.Busy());

    refuses(new byte[] {1}, "fails with 503, try again later");

    line.inject(new Fault.None());
    assertNothingStored();
  }

  @Test
  void a_bit_that_flips_on_the_way_is_noticed_and_nothing_is_stored() throws Exception {
    line.inject(new Fault.Flip(MEBIBYTE / 2));

    assertThatThrownBy(() -> store.store(Arrays.copyOf(CONTENT, (int) MEBIBYTE)))
        .isInstanceOf(StoreFailedException.class);

    line.inject(new Fault.None());
    assertNothingStored();
  }

  @Test
  void a_line_that_is_cut_in_a_pull_is_taken_up_again_where_it_was() throws Exception {
    StoredBlob blob = store.store(CONTENT);
    line.inject(new Fault.CutDown(MEBIBYTE), 3);

    assertThat(store.read(blob)).isEqualTo(CONTENT);

    assertThat(line.left()).isZero();
  }

  @Test
  void a_line_that_is_cut_again_and_again_ends_the_pull() throws Exception {
    StoredBlob blob = store.store(CONTENT);
    line.inject(new Fault.CutDown(MEBIBYTE / 2));

    assertThatThrownBy(() -> store.read(blob))
        .isInstanceOf(StoreFailedException.class)
        .hasMessageContaining("cannot reach");
  }

  @Test
  void parts_that_a_dead_process_had_sent_are_dropped_at_the_next_start() throws Exception {
    try (S3Client client = s3.client()) {
      client.createMultipartUpload(it -> it.bucket(LoopbackS3.BUCKET).key("blobs/sha256/ab/x"));
    }
    assertThat(uploads()).hasSize(1);

    S3BlobStore.open(s3.settings(""), SMALL, data).close();

    assertThat(uploads()).isEmpty();
  }

  @Test
  void what_is_too_large_to_be_copied_at_once_is_set_aside_in_parts() throws Exception {
    store.store(CONTENT);

    store.setAside(DIGEST);

    assertThat(keys()).containsExactly("quarantine/" + DIGEST.hex());
    try (S3Client client = s3.client()) {
      byte[] kept =
          client
              .getObjectAsBytes(
                  get -> get.bucket(LoopbackS3.BUCKET).key("quarantine/" + DIGEST.hex()))
              .asByteArray();
      assertThat(kept).isEqualTo(CONTENT);
    }
  }

  @Test
  void content_that_somebody_else_removed_counts_as_lost() throws Exception {
    StoredBlob blob = store.store(CONTENT);
    try (S3Client client = s3.client()) {
      client.deleteObject(it -> it.bucket(LoopbackS3.BUCKET).key(keys().getFirst()));
    }

    assertThatThrownBy(() -> store.read(blob)).isInstanceOf(NoSuchFileException.class);

    assertThat(store.find(DIGEST)).isEmpty();
    assertThat(store.read(store.store(CONTENT))).isEqualTo(CONTENT);
  }

  @Test
  void content_that_lost_or_gained_some_bytes_is_damaged_and_can_be_set_aside() throws Exception {
    for (int length : new int[] {3, CONTENT.length + 1}) {
      StoredBlob blob = store.store(CONTENT);
      String key = keys().stream().filter(each -> each.startsWith("blobs/")).findFirst().get();
      try (S3Client client = s3.client()) {
        client.putObject(
            it -> it.bucket(LoopbackS3.BUCKET).key(key),
            RequestBody.fromBytes(Arrays.copyOf(CONTENT, length)));
      }

      for (int offset : new int[] {0, CONTENT.length - 1}) {
        assertThatThrownBy(() -> ((Content.Streamed) store.content(blob)).open(offset, 1).close())
            .isInstanceOf(IOException.class)
            .isNotInstanceOf(StoreFailedException.class)
            .hasMessageContaining("has another size than what was stored");
      }

      assertThat(store.find(DIGEST)).contains(new StoredBlob(DIGEST, length));
      store.setAside(DIGEST);
      assertThat(store.quarantine().iterator().next().size()).isEqualTo(length);
    }
  }

  @Test
  void a_bucket_that_is_not_there_is_said() {
    S3Settings wrong = with("no-such-bucket", s3.port(), s3.settings("").credentials());

    assertThatThrownBy(() -> S3BlobStore.open(wrong, data))
        .isInstanceOf(StoreFailedException.class)
        .hasMessage(
            "bucket no-such-bucket at http://127.0.0.1:%d is not there, create it or set"
                    .formatted(s3.port())
                + " waybill.image.s3.bucket");
  }

  @Test
  void a_log_in_that_is_refused_is_said_without_it() {
    Path credentials = s3.credentials(LoopbackS3.KEY_ID, "another-secret");
    S3Settings wrong = with(LoopbackS3.BUCKET, s3.port(), Optional.of(credentials));

    assertThatThrownBy(() -> S3BlobStore.open(wrong, data))
        .isInstanceOf(StoreFailedException.class)
        .hasMessageContaining("bucket images at http://127.0.0.1:" + s3.port())
        .hasMessageContaining("is not ours to use (403 SignatureDoesNotMatch)")
        .hasMessageContaining("waybill.image.s3.credentials-file")
        .satisfies(e -> assertThat(said(e)).doesNotContain("another-secret"));
  }

  @Test
  void a_log_in_that_changes_in_its_file_counts_at_once() throws Exception {
    Path file = s3.credentials(LoopbackS3.KEY_ID, LoopbackS3.SECRET);
    Path other = s3.credentials(LoopbackS3.KEY_ID, "another-secret");
    Path same = s3.credentials(LoopbackS3.KEY_ID, LoopbackS3.SECRET);
    try (S3BlobStore store =
        S3BlobStore.open(with(LoopbackS3.BUCKET, s3.port(), Optional.of(file)), data)) {
      StoredBlob blob = store.store(new byte[] {1});

      Files.move(other, file, StandardCopyOption.ATOMIC_MOVE);
      assertThat(isReadable(store, blob)).isFalse();

      Files.move(same, file, StandardCopyOption.ATOMIC_MOVE);
      assertThat(isReadable(store, blob)).isTrue();
    }
  }

  private static boolean isReadable(S3BlobStore store, StoredBlob blob) throws IOException {
    try {
      store.read(blob);
      return true;
    } catch (StoreFailedException refused) {
      assertThat(refused).hasMessageContaining("is not ours to use (403");
      return false;
    }
  }

  @Test
  void a_server_that_does_not_answer_is_said() throws Exception {
    s3.stop();

    assertThatThrownBy(() -> S3BlobStore.open(s3.settings(""), data))
        .isInstanceOf(StoreFailedException.class)
        .hasMessageContaining("cannot reach http://127.0.0.1:" + s3.port())
        .hasMessageContaining("waybill.image.s3.endpoint");
    s3.restart();
  }

  @Test
  void a_file_without_a_log_in_is_said_and_not_what_is_in_it() throws Exception {
    for (String text : List.of("", "[default]\n", "aws_secret_access_key = abcde", "[x\nabcde")) {
      Path file = Files.writeString(home.resolve("file"), text);
      assertNoLogIn(file);
    }
    assertNoLogIn(home.resolve("no-such-file"));
  }

  private void assertNoLogIn(Path file) {
    S3Settings wrong = with(LoopbackS3.BUCKET, s3.port(), Optional.of(file));
    assertThatThrownBy(() -> S3BlobStore.open(wrong, data))
        .isInstanceOf(StoreFailedException.class)
        .hasMessageStartingWith("waybill.image.s3.credentials-file " + file + " has no log-in")
        .satisfies(e -> assertThat(said(e)).doesNotContain("abcde"));
  }

  private S3Settings with(String bucket, int port, Optional<Path> credentials) {
    return new S3Settings(
        bucket,
        "",
        Optional.of(URI.create("http://127.0.0.1:" + port)),
        Optional.empty(),
        S3Settings.Addressing.PATH,
        credentials);
  }

  private void refuses(byte[] content, String why) {
    assertThatThrownBy(() -> store.store(content))
        .isInstanceOf(StoreFailedException.class)
        .hasMessageContaining(why);
    assertThat(store.find(Digest.of(content))).isEmpty();
  }

  /** Neither an object nor a part of one, and not here either, also after a restart. */
  private void assertNothingStored() throws IOException {
    assertThat(keys()).isEmpty();
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
    try (S3BlobStore again = S3BlobStore.open(s3.settings(""), SMALL, data)) {
      assertThat(again.all()).isEmpty();
    }
    assertThat(uploads()).isEmpty();
  }

  private List<String> keys() {
    try (S3Client client = s3.client()) {
      return client.listObjectsV2(list -> list.bucket(LoopbackS3.BUCKET)).contents().stream()
          .map(S3Object::key)
          // The server shows its directories and files of its own, too.
          .filter(key -> key.matches("(blobs|quarantine)/.*[^/]"))
          .toList();
    }
  }

  private List<String> uploads() {
    try (S3Client client = s3.client()) {
      return client.listMultipartUploads(list -> list.bucket(LoopbackS3.BUCKET)).uploads().stream()
          .map(upload -> upload.key())
          .toList();
    }
  }

  /** All that a log would have of it. */
  private static String said(Throwable failure) {
    StringBuilder text = new StringBuilder();
    for (Throwable at = failure; at != null; at = at.getCause()) {
      text.append(at).append('\n');
      Stream.of(at.getSuppressed()).forEach(text::append);
    }
    return text.toString();
  }

  private static byte[] content(int length) {
    byte[] content = new byte[length];
    new Random(length).nextBytes(content);
    return content;
  }
}
