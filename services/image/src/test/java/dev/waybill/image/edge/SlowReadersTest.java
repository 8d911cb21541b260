package dev.waybill.image.edge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.edge.RegistryClient.Answer;
import dev.waybill.image.store.s3.LoopbackS3;
import dev.waybill.kernel.Digest;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** In a process of its own, since its heap must be smaller than what is sent. */
class SlowReadersTest {
  private static final int HEAP_MEBIBYTES = 64;
  private static final int CONTENT_BYTES = 96 << 20;
  private static final int READERS = 4;

  @TempDir Path home;
  @TempDir Path data;

  @Test
  @Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
  void clients_that_read_late_hold_the_bucket_back_and_not_the_memory() throws Exception {
    byte[] content = new byte[CONTENT_BYTES];
    new Random(1).nextBytes(content);
    Digest digest = Digest.of(content);
    try (LoopbackS3 s3 = LoopbackS3.start(home)) {
      Process process = start(s3);
      try (BufferedReader output =
          new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
        URI registry = listening(output);
        try (RegistryClient client = new RegistryClient(registry)) {
          Answer pushed = client.send("POST", "/v2/app/blobs/uploads/?digest=" + digest, content);
          assertThat(pushed.status()).isEqualTo(201);

          List<InputStream> readers = new ArrayList<>();
          for (int i = 0; i < READERS; i++) {
            readers.add(client.open("/v2/app/blobs/" + digest));
          }

          // While one is read, the others' content has the time to come.
          for (InputStream reader : readers) {
            assertThat(digest(reader)).isEqualTo(digest);
          }
        }
      } finally {
        process.destroyForcibly().waitFor();
      }
    }
  }

  private Process start(LoopbackS3 s3) throws IOException {
    return new ProcessBuilder(
            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
            "-Xmx" + HEAP_MEBIBYTES + "m",
            "-XX:+ExitOnOutOfMemoryError",
            "-cp",
            System.getProperty("java.class.path"),
            RegistryProgram.class.getName(),
            data.toString(),
            LoopbackS3.BUCKET,
            "http://127.0.0.1:" + s3.port(),
            s3.settings("").credentials().orElseThrow().toString())
        .redirectErrorStream(true)
        .start();
  }

  private static URI listening(BufferedReader output) throws IOException {
    StringBuilder before = new StringBuilder();
    for (String line = output.readLine(); line != null; line = output.readLine()) {
      if (line.startsWith("listens ")) {
        return URI.create(line.substring("listens ".length()));
      }
      before.append(line).append('\n');
    }
    throw new AssertionError("the registry did not start:\n" + before);
  }

  private static Digest digest(InputStream content) throws IOException {
    MessageDigest hash = Digest.sha256();
    try (InputStream in = new DigestInputStream(content, hash)) {
      in.transferTo(OutputStream.nullOutputStream());
    }
    return Digest.finish(hash);
  }
}
