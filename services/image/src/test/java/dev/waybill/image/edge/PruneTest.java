package dev.waybill.image.edge;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.container.ContainerRemoved;
import dev.waybill.contracts.container.ContainerRequested;
import dev.waybill.contracts.container.ContainerScheduled;
import dev.waybill.contracts.image.ImagesPruned;
import dev.waybill.contracts.image.PrunedManifest;
import dev.waybill.contracts.workload.ImagePruneRequested;
import dev.waybill.contracts.workload.WorkloadApplied;
import dev.waybill.contracts.workload.WorkloadRemoved;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.layer.LayerEntry;
import dev.waybill.testkit.image.ImageMaker;
import dev.waybill.testkit.image.LayerCompression;
import dev.waybill.testkit.image.MadeImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PruneTest {
  @TempDir Path data;
  private final MadeImage old = image("old");
  private final MadeImage current = image("new");
  private FollowedLog log;
  private int said;

  @BeforeEach
  void start() throws IOException {
    log = new FollowedLog(data);
    log.start();
    push("web", "v1", old);
    push("web", "v1", current);
  }

  @AfterEach
  void stop() {
    log.close();
  }

  @Test
  void what_lost_its_tag_goes_and_a_dry_run_says_so_before() {
    ImagesPruned dry = prune(ImagePruneRequested.newBuilder().setDryRun(true));
    assertThat(dry.getManifestsList())
        .extracting(PrunedManifest::getDigest)
        .containsExactly(old.digest().toString());
    assertThat(log.store().find(old.digest())).as("nothing happened").isPresent();

    ImagesPruned done = prune(ImagePruneRequested.newBuilder());

    assertThat(done.toBuilder().setDryRun(true).setRequestId(dry.getRequestId()).build())
        .as("the dry run said what would be done")
        .isEqualTo(dry);
    assertThat(done.getFreedBytes()).isPositive();
    assertThat(log.store().find(old.digest())).isEmpty();
    assertThat(log.store().find(current.digest())).isPresent();
    assertThat(prune(ImagePruneRequested.newBuilder()).getManifestsList()).isEmpty();
  }

  @Test
  void what_a_container_has_stays_until_it_is_removed() {
    log.ask(ContainerRequested.newBuilder().setContainerId("c1").build());
    log.ask(
        ContainerScheduled.newBuilder()
            .setContainerId("c1")
            .setImageDigest(old.digest().toString())
            .build());
    assertThat(prune(ImagePruneRequested.newBuilder()).getManifestsList()).isEmpty();

    log.ask(ContainerRemoved.newBuilder().setContainerId("c1").build());

    assertThat(prune(ImagePruneRequested.newBuilder()).getManifestsList()).hasSize(1);
  }

  @Test
  void what_an_earlier_version_of_a_workload_had_stays_while_the_workload_exists() {
    log.ask(WorkloadApplied.newBuilder().setName("w").setNamespace("default").build());
    log.ask(
        ContainerRequested.newBuilder()
            .setContainerId("c1")
            .setNamespace("default")
            .setWorkload("w")
            .build());
    log.ask(
        ContainerScheduled.newBuilder()
            .setContainerId("c1")
            .setImageDigest(old.digest().toString())
            .build());
    log.ask(ContainerRemoved.newBuilder().setContainerId("c1").build());
    assertThat(prune(ImagePruneRequested.newBuilder()).getManifestsList())
        .as("a rollback could ask for it")
        .isEmpty();

    log.ask(WorkloadRemoved.newBuilder().setName("w").setNamespace("default").build());

    assertThat(prune(ImagePruneRequested.newBuilder()).getManifestsList()).hasSize(1);
  }

  @Test
  void intermediate_images_go_by_age_with_their_tags() {
    MadeImage step = image("step");
    push("waybill/build", "step-1", step);
    prune(ImagePruneRequested.newBuilder());
    assertThat(log.store().find(step.digest())).isPresent();

    said++; // Its tag is said to be gone, too.
    ImagesPruned done = prune(ImagePruneRequested.newBuilder().setBuildCacheOlderMs(0));

    assertThat(done.getManifestsList())
        .singleElement()
        .satisfies(gone -> assertThat(gone.getTagsList()).containsExactly("step-1"));
    assertThat(log.store().find(step.digest())).isEmpty();
  }

  private void push(String repository, String tag, MadeImage image) {
    log.push(repository, tag, image);
    said++;
  }

  private ImagesPruned prune(ImagePruneRequested.Builder wanted) {
    said++;
    log.ask(wanted.setRequestId("p" + said).build());
    List<Message> all =
        log.awaitImages(said).stream().map(event -> event.payload().orElseThrow()).toList();
    return (ImagesPruned) all.getLast();
  }

  private static MadeImage image(String text) {
    return ImageMaker.image()
        .platform(Platform.LINUX_AMD64)
        .layer(LayerCompression.GZIP, LayerEntry.file("text", text))
        .make();
  }
}
