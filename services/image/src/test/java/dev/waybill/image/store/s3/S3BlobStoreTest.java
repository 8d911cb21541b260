package dev.waybill.image.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.BlobStoreContract;
import dev.waybill.kernel.Digest;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;

class S3BlobStoreTest extends BlobStoreContract {
  private static final String PREFIX = "team/";

  @TempDir Path home;
  private LoopbackS3 s3;
  private final List<S3BlobStore> opened = new ArrayList<>();

  @BeforeEach
  void start() throws Exception {
    s3 = LoopbackS3.start(home);
  }

  @AfterEach
  void stop() throws Exception {
    opened.forEach(S3BlobStore::close);
    s3.close();
  }

  @Override
  protected BlobStore open() throws Exception {
    S3BlobStore store = S3BlobStore.open(s3.settings(PREFIX), data);
    opened.add(store);
    return store;
  }

  @Override
  protected byte[] quarantined(Digest digest) {
    try (S3Client client = s3.client()) {
      return client
          .getObjectAsBytes(
              get -> get.bucket(LoopbackS3.BUCKET).key(PREFIX + "quarantine/" + digest.hex()))
          .asByteArray();
    }
  }

  @Override
  protected List<String> program() {
    return List.of(
        data.toString(),
        LoopbackS3.BUCKET,
        "http://127.0.0.1:" + s3.port(),
        s3.credentials(LoopbackS3.KEY_ID, LoopbackS3.SECRET).toString());
  }

  @Test
  void objects_of_others_are_left_alone() throws Exception {
    try (S3Client client = s3.client()) {
      for (String key : List.of("blobs/sha256/ab/other", PREFIX + "blobs/sha256/notes", "x")) {
        client.putObject(
            put -> put.bucket(LoopbackS3.BUCKET).key(key), RequestBody.fromString("theirs"));
      }
    }
    BlobStore store = open();

    assertThat(store.all()).isEmpty();
    store.store(CONTENT);
    assertThat(open().all()).hasSize(1);
  }
}
