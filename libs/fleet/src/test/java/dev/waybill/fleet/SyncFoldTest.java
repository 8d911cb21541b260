package dev.waybill.fleet;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import dev.waybill.contracts.registry.ImageAdmitted;
import dev.waybill.contracts.registry.ImageMirrorFailed;
import dev.waybill.contracts.registry.ImageMirrored;
import dev.waybill.contracts.registry.MirrorTagPruned;
import dev.waybill.contracts.registry.SyncFailed;
import dev.waybill.contracts.registry.SyncPolicyRemoved;
import dev.waybill.contracts.registry.SyncPolicySet;
import dev.waybill.contracts.registry.UpstreamListed;
import dev.waybill.eventlog.EventIds;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.pcollections.TreePMap;

class SyncFoldTest {
  private static final String REFERENCE = "quay.io/ours/web:1";
  private static final String DIGEST = "sha256:" + "ab".repeat(32);

  private TreePMap<String, SyncStatus> all = TreePMap.empty();
  private int second;

  @Test
  void a_policy_is_new_then_copying_then_ok() {
    feed(SyncPolicySet.newBuilder().setName("web").build());
    assertThat(status().word()).isEqualTo("new");
    feed(copy());
    feed(listed());
    assertThat(status().word()).isEqualTo("copying");
    assertThat(status().pending()).containsEntry(REFERENCE, Instant.ofEpochSecond(2));
    feed(
        ImageMirrored.newBuilder()
            .setPolicy("web")
            .setReference(REFERENCE)
            .setDigest(DIGEST)
            .setFetchedBytes(5)
            .build());
    assertThat(status().word()).isEqualTo("ok");
    assertThat(status().bytes()).isEqualTo(5);
    assertThat(status().mirrored()).containsOnlyKeys(REFERENCE);
    assertThat(status().lastSuccess()).isEqualTo(Instant.ofEpochSecond(4));
    assertThat(status().counts()).isEqualTo(new SyncStatus.Counts(9, 1, 2, 0));
    feed(MirrorTagPruned.newBuilder().setPolicy("web").setReference(REFERENCE).build());
    assertThat(status().mirrored()).isEmpty();
    assertThat(status().pruned()).isEqualTo(1);
  }

  @Test
  void a_failure_is_kept_with_its_reason_when_all_is_well_again() {
    feed(SyncPolicySet.newBuilder().setName("web").build());
    feed(SyncFailed.newBuilder().setPolicy("web").setMessage("away").setNextLookMs(9000).build());
    assertThat(status().word()).isEqualTo("failing");
    assertThat(status().nextLook()).isEqualTo(Instant.ofEpochSecond(9));
    feed(listed());
    assertThat(status().word()).isEqualTo("ok");
    assertThat(status().failure()).isEqualTo("away");
    assertThat(status().nextLook()).as("only when somebody asks").isNull();
    feed(copy());
    feed(
        ImageMirrorFailed.newBuilder()
            .setPolicy("web")
            .setReference(REFERENCE)
            .setMessage("cut off")
            .build());
    assertThat(status().word()).isEqualTo("failing");
    assertThat(status().pending()).isEmpty();
  }

  @Test
  void a_copy_that_says_so_itself_is_one_whatever_its_id() {
    feed(SyncPolicySet.newBuilder().setName("web").build());
    feed(copy().toBuilder().setRequestId("any").setForMirror(true).build());
    assertThat(status().pending()).containsOnlyKeys(REFERENCE);
  }

  @Test
  void what_a_container_asks_for_by_digest_is_no_copy_and_a_removed_policy_has_no_state() {
    feed(SyncPolicySet.newBuilder().setName("web").build());
    feed(copy().toBuilder().setRequestId("of-a-container").build());
    assertThat(status().pending()).isEmpty();
    feed(SyncPolicyRemoved.newBuilder().setName("web").build());
    feed(listed());
    assertThat(all).isEmpty();
  }

  private SyncStatus status() {
    return all.get("web");
  }

  private void feed(Message event) {
    all = SyncFold.fold(all, event, Instant.ofEpochSecond(++second));
  }

  private static ImageAdmitted copy() {
    return ImageAdmitted.newBuilder()
        .setPolicy("web")
        .setReference(REFERENCE + "@" + DIGEST)
        .setRequestId(EventIds.derivedHex("mirror", REFERENCE, DIGEST))
        .build();
  }

  private static UpstreamListed listed() {
    return UpstreamListed.newBuilder()
        .setPolicy("web")
        .setTagsSeen(9)
        .setTagsWanted(1)
        .setTagsYoung(2)
        .build();
  }
}
