package dev.waybill.image.ingest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.ingest.PullOutcome.Pulled;
import dev.waybill.image.store.BlobStore;
import dev.waybill.image.store.s3.LoopbackS3;
import dev.waybill.image.store.s3.S3BlobStore;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import dev.waybill.testkit.registry.Fault;
import dev.waybill.testkit.registry.LoopbackRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A second version of an image whose layer can be fetched in pieces. */
class PieceDownloadTest {
  private static final int FILES = 300;

  @TempDir Path data;
  private final LoopbackRegistry upstream = LoopbackRegistry.start();
  private PullSite site;

  @BeforeEach
  void start() throws Exception {
    site = PullSite.open(data);
  }

  @AfterEach
  void stop() throws Exception {
    site.close();
    upstream.close();
    try (var left = Files.list(data.resolve("ingest"))) {
      assertThat(left).as("nothing half-made stays").isEmpty();
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD_CHUNKED", "STARGZ"})
  void of_a_version_with_one_other_file_only_that_is_fetched(LayerCompression format)
      throws Exception {
    MadeImage one = version(format, "one");
    MadeImage two = version(format, "two");
    pull("v1", one);
    long before = upstream.blobBytesSent();

    Pulled pulled = pull("v2", two);

    long sent = upstream.blobBytesSent() - before;
    assertThat(sent).isLessThan(pulled.bytes() / 10);
    assertThat(pulled.bytesFetched()).isEqualTo(sent);
    assertThat(pulled.bytesReused()).isGreaterThan(pulled.bytes() * 9 / 10);
    assertWhole(two);
  }

  @ParameterizedTest
  @EnumSource(names = {"ZSTD_CHUNKED", "STARGZ"})
  void files_that_came_and_went_are_no_hindrance(LayerCompression format) throws Exception {
    List<LayerEntry> files = files("one");
    pull("v1", of(format, files));
    files.remove(17);
    files.remove(200);
    files.add(LayerEntry.file("a/new", random(30_000, 99)));
    files.add(LayerEntry.symbolicLink("a/link", "new"));

    Pulled pulled = pull("v2", of(format, files));

    assertThat(pulled.bytesFetched()).isLessThan(pulled.bytes() / 8);
    assertWhole(of(format, files));
  }

  @Test
  void content_in_a_bucket_is_of_use_too() throws Exception {
    MadeImage two = version(LayerCompression.ZSTD_CHUNKED, "two");
    try (LoopbackS3 s3 = LoopbackS3.start(data.resolve("s3"));
        BlobStore bucket = S3BlobStore.open(s3.settings(""), data)) {
      site = PullSite.open(data, bucket);
      pull("v1", version(LayerCompression.ZSTD_CHUNKED, "one"));

      Pulled pulled = pull("v2", two);

      assertThat(pulled.bytesFetched()).isLessThan(pulled.bytes() / 10);
      assertWhole(two);
    }
  }

  @Test
  void what_another_repository_has_is_of_use_too() throws Exception {
    upstream.add("other/app", "v1", version(LayerCompression.ZSTD_CHUNKED, "one"));
    site.pull(upstream.host() + "/other/app:v1");

    assertThat(pull("v2", version(LayerCompression.ZSTD_CHUNKED, "two")).bytesReused())
        .isPositive();
  }

  @Test
  void a_registry_does_not_learn_what_came_from_elsewhere_or_was_pushed() throws Exception {
    site.push("own/app", "v1", version(LayerCompression.ZSTD_CHUNKED, "one"));
    try (LoopbackRegistry other = LoopbackRegistry.start()) {
      other.add("team/app", "v1", version(LayerCompression.ZSTD_CHUNKED, "one"));
      site.pull(other.host() + "/team/app:v1");
    }

    Pulled pulled = pull("v2", version(LayerCompression.ZSTD_CHUNKED, "two"));

    assertThat(pulled.bytesReused()).isZero();
    assertThat(upstream.requests()).noneMatch(request -> request.contains("bytes="));
  }

  @Test
  void after_a_start_what_is_here_is_of_use_again() throws Exception {
    pull("v1", version(LayerCompression.ZSTD_CHUNKED, "one"));
    site.close();
    site = PullSite.open(data);

    assertThat(pull("v2", version(LayerCompression.ZSTD_CHUNKED, "two")).bytesReused())
        .isPositive();
  }

  @Test
  void a_layer_that_is_gone_is_not_read() throws Exception {
    MadeImage one = version(LayerCompression.ZSTD_CHUNKED, "one");
    MadeImage two = version(LayerCompression.ZSTD_CHUNKED, "two");
    pull("v1", one);
    pull("v2", two); // From here on the table of the first one is remembered.
    site.store.delete(layer(one).digest());
    site.store.delete(layer(two).digest());

    Pulled pulled = pull("v3", version(LayerCompression.ZSTD_CHUNKED, "three"));

    assertThat(pulled.bytesReused()).isZero();
    assertThat(pulled.bytesFetched()).isEqualTo(pulled.bytes());
  }

  @Test
  void a_layer_that_goes_bad_here_is_fetched_as_a_whole() throws Exception {
    MadeImage one = version(LayerCompression.ZSTD_CHUNKED, "one");
    MadeImage two = version(LayerCompression.ZSTD_CHUNKED, "two");
    pull("v1", one);
    Path file = data.resolve("blobs/sha256").resolve(layer(one).digest().hex().substring(0, 2));
    file = file.resolve(layer(one).digest().hex());
    byte[] content = Files.readAllBytes(file);
    content[content.length / 2] ^= 1;
    Files.write(file, content);

    Pulled pulled = pull("v2", two);

    assertThat(pulled.bytesReused()).isZero();
    assertThat(pulled.bytesFetched()).isGreaterThan(pulled.bytes());
    assertWhole(two);
  }

  @Test
  void a_table_that_lies_about_what_is_equal_is_not_believed() throws Exception {
    MadeImage one = version(LayerCompression.ZSTD_CHUNKED, "one");
    pull("v1", one);
    byte[] other = one.blobs().get(layer(one).digest()).clone();
    other[other.length / 2] ^= 1; // The table and all lengths stay as they are.
    MadeImage lying = withLayer(one, other, layer(one).annotations());

    Pulled pulled = pull("v2", lying);

    assertThat(pulled.bytesReused()).isZero();
    assertWhole(lying);
  }

  @Test
  void tables_that_make_no_sense_are_no_reason_to_fail() throws Exception {
    MadeImage one = version(LayerCompression.ZSTD_CHUNKED, "one");
    pull("v1", one);
    byte[] layer = one.blobs().get(layer(one).digest());
    String prefix = "io.github.containers.zstd-chunked.manifest-";
    String checksum = layer(one).annotations().get(prefix + "checksum");
    int tag = 0;
    for (String position :
        List.of(
            "10:20:30:1",
            "9:" + (layer.length - 9) + ":1:1",
            "-1:5:5:1",
            "8:9223372036854775807:1:1",
            "x:1:1:1",
            "",
            "8:100:100:2")) {
      byte[] other = layer.clone();
      other[100] = (byte) ++tag; // Another layer each time.
      SortedMap<String, String> annotations = new TreeMap<>();
      annotations.put(prefix + "checksum", checksum);
      annotations.put(prefix + "position", position);
      MadeImage image = withLayer(one, other, annotations);

      assertThat(pull("bad" + tag, image).bytesReused()).as(position).isZero();
      assertWhole(image);
    }
  }

  @Test
  void without_ranges_the_layer_is_fetched_as_a_whole() throws Exception {
    MadeImage two = version(LayerCompression.STARGZ, "two");
    pull("v1", version(LayerCompression.STARGZ, "one"));
    upstream.inject(new Fault.WithoutRanges());

    assertThat(pull("v2", two).bytesReused()).isZero();
    assertWhole(two);
  }

  @Test
  void a_range_that_breaks_off_is_taken_up_again() throws Exception {
    MadeImage two = version(LayerCompression.ZSTD_CHUNKED, "two");
    pull("v1", version(LayerCompression.ZSTD_CHUNKED, "one"));
    upstream.inject(new Fault.Truncated(layer(two).digest(), 1000, 3));

    Pulled pulled = pull("v2", two);

    assertThat(pulled.bytesReused()).isPositive();
    assertThat(site.pauses).hasSize(3);
    assertWhole(two);
  }

  @Test
  void a_layer_that_cannot_be_had_in_pieces_or_whole_fails_as_ever() throws Exception {
    MadeImage two = version(LayerCompression.ZSTD_CHUNKED, "two");
    pull("v1", version(LayerCompression.ZSTD_CHUNKED, "one"));
    upstream.add("team/app", "v2", two);
    upstream.inject(new Fault.Truncated(layer(two).digest(), 10, 1000));

    assertThat(site.pull(upstream.host() + "/team/app:v2"))
        .isInstanceOfSatisfying(
            PullOutcome.Failed.class,
            failed -> {
              assertThat(failed.reason()).isEqualTo(PullOutcome.Reason.UNREACHABLE);
              assertThat(failed.message()).contains("broke off 4 times");
            });
  }

  @Test
  void layers_that_are_packed_otherwise_are_left_alone() throws Exception {
    pull("v1", version(LayerCompression.STARGZ, "one"));
    long requests = upstream.requests().size();

    pull("v2", version(LayerCompression.ZSTD_CHUNKED, "two"));

    assertThat(upstream.requests().subList((int) requests, upstream.requests().size()))
        .noneMatch(request -> request.contains("bytes="));
  }

  private Pulled pull(String tag, MadeImage image) throws Exception {
    upstream.add("team/app", tag, image);
    return (Pulled) site.pull(upstream.host() + "/team/app:" + tag);
  }

  private void assertWhole(MadeImage image) throws Exception {
    var stored = site.store.find(layer(image).digest()).orElseThrow();
    assertThat(site.store.read(stored)).isEqualTo(image.blobs().get(layer(image).digest()));
  }

  private static Descriptor layer(MadeImage image) {
    return manifest(image).layers().getFirst();
  }

  private static Manifest manifest(MadeImage image) {
    byte[] content = image.documents().getFirst().content();
    return (Manifest) ImageDocuments.read(content, null, ImageLimits.DEFAULT);
  }

  /** The same image, but with this for its layer. */
  private static MadeImage withLayer(
      MadeImage image, byte[] layer, SortedMap<String, String> annotations) {
    Manifest was = manifest(image);
    Descriptor described =
        new Descriptor(
            MediaTypes.OCI_LAYER_ZSTD, Digest.of(layer), layer.length, annotations, null, null);
    byte[] content = ImageWriter.write(Manifest.oci(was.config(), List.of(described)));
    SortedMap<Digest, byte[]> blobs = new TreeMap<>(image.blobs());
    blobs.put(described.digest(), layer);
    Descriptor root = Descriptor.of(MediaTypes.OCI_MANIFEST, content);
    return new MadeImage(
        root, List.of(new MadeImage.Document(root, content)), blobs, image.diffIds());
  }

  private static MadeImage version(LayerCompression format, String text) {
    return of(format, files(text));
  }

  private static MadeImage of(LayerCompression format, List<LayerEntry> files) {
    return ImageMaker.image().platform(Platform.LINUX_AMD64).layer(format, files).make();
  }

  private static List<LayerEntry> files(String text) {
    List<LayerEntry> files = new ArrayList<>();
    for (int i = 0; i < FILES; i++) {
      files.add(LayerEntry.file("d%02d/f%d".formatted(i / 20, i), random(1000 + 37 * i, i)));
    }
    files.add(LayerEntry.file("large", random(700_000, 7)));
    files.add(LayerEntry.file("m/version", text.repeat(3000)));
    return files;
  }

  private static byte[] random(int length, long seed) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
