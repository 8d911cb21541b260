package dev.waybill.image.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.CatalogJournal.Kept;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.SplittableRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoreCrashTest {
  private static final int KILLS = 6;
  private static final long SEED = 20_261_124;

  @TempDir Path data;

  @Test
  void a_store_whose_process_is_killed_at_any_moment_is_whole() throws Exception {
    SplittableRandom random = new SplittableRandom(SEED);
    int images = 0;
    for (int kill = 0; kill < KILLS; kill++) {
      runAndKill(random.nextLong(), random.nextInt(150, 900));
      images += requireWhole();
    }
    assertThat(images).as("the killed processes got something done").isPositive();
  }

  private void runAndKill(long seed, int afterMs) throws Exception {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                CrashingWriter.class.getName(),
                data.toString(),
                Long.toString(seed))
            .redirectErrorStream(true)
            .start();
    try (BufferedReader output =
        new BufferedReader(new InputStreamReader(process.getInputStream(), UTF_8))) {
      assertThat(output.readLine()).isEqualTo("begun");
      assertThat(process.waitFor(afterMs, TimeUnit.MILLISECONDS))
          .as("works until killed")
          .isFalse();
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  /** How many images there are, all of them complete and every blob what its name says. */
  private int requireWhole() throws IOException {
    DiskBlobStore store = DiskBlobStore.open(data);
    Kept kept = DiskCatalogJournal.open(data, store).load();
    assertThat(kept.faults()).isEmpty();
    try (Stream<Path> left = Files.list(data.resolve("ingest"))) {
      assertThat(left).isEmpty();
    }
    for (StoredBlob blob : store.all()) {
      assertThat(Digest.of(store.read(blob))).isEqualTo(blob.digest());
    }
    int images = 0;
    for (Repository repository : kept.catalog().repositories().values()) {
      for (ManifestEntry entry : repository.manifests().values()) {
        for (Descriptor child : entry.children()) {
          assertThat(store.find(child.digest())).isPresent();
        }
        images++;
      }
    }
    return images;
  }
}
