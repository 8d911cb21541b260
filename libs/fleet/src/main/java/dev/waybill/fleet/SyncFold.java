package dev.waybill.fleet;

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
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/** How each event changes the state of the mirrors. */
final class SyncFold {
  private SyncFold() {}

  static TreePMap<String, SyncStatus> fold(
      TreePMap<String, SyncStatus> all, Message payload, Instant at) {
    return switch (payload) {
      case SyncPolicySet e when !all.containsKey(e.getName()) ->
          all.plus(e.getName(), SyncStatus.NEW);
      case SyncPolicyRemoved e -> all.minus(e.getName());
      case UpstreamListed e ->
          change(all, e.getPolicy(), s -> s.listed(at, instant(e.getNextLookMs()), counts(e)));
      case SyncFailed e ->
          change(all, e.getPolicy(), s -> s.failed(at, instant(e.getNextLookMs()), e.getMessage()));
      case ImageAdmitted e when isCopy(e) ->
          change(all, e.getPolicy(), s -> s.copying(withoutDigest(e.getReference()), at));
      case ImageMirrored e ->
          change(
              all,
              e.getPolicy(),
              s -> s.copied(e.getReference(), e.getDigest(), e.getFetchedBytes(), at));
      case ImageMirrorFailed e ->
          change(all, e.getPolicy(), s -> s.notCopied(e.getReference(), e.getMessage(), at));
      case MirrorTagPruned e -> change(all, e.getPolicy(), s -> s.withoutTag(e.getReference()));
      default -> all;
    };
  }

  private static SyncStatus.Counts counts(UpstreamListed e) {
    return new SyncStatus.Counts(
        e.getTagsSeen(), e.getTagsWanted(), e.getTagsYoung(), e.getUnwantedCount());
  }

  private static @Nullable Instant instant(long ms) {
    return ms == 0 ? null : Instant.ofEpochMilli(ms);
  }

  /** What a mirror wants is pinned, and asked for under an id that says so. */
  private static boolean isCopy(ImageAdmitted e) {
    int at = e.getReference().indexOf('@');
    return at > 0 && (e.getForMirror() || isOlderCopy(e));
  }

  /** Before events said so themselves. */
  private static boolean isOlderCopy(ImageAdmitted e) {
    int at = e.getReference().indexOf('@');
    return e.getRequestId()
        .equals(
            EventIds.derivedHex(
                "mirror", withoutDigest(e.getReference()), e.getReference().substring(at + 1)));
  }

  private static String withoutDigest(String reference) {
    return reference.substring(0, reference.indexOf('@'));
  }

  /** A copy may end after its policy was removed. */
  private static TreePMap<String, SyncStatus> change(
      TreePMap<String, SyncStatus> all, String policy, UnaryOperator<SyncStatus> change) {
    SyncStatus status = all.get(policy);
    return status == null ? all : all.plus(policy, change.apply(status));
  }
}
