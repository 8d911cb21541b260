package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.workload.RecallRequested;
import java.util.Collection;
import java.util.TreeSet;

/** Which manifests a recall means. */
public final class Recalls {
  private Recalls() {}

  /** The recall with all manifests that the cell knows under the digest. */
  public static ImageRecalled recalled(RecallRequested asked, Collection<Subject> subjects) {
    var digests = new TreeSet<String>();
    digests.add(asked.getDigest());
    subjects.stream()
        .filter(subject -> subject.isMeantBy(asked.getDigest()))
        .forEach(subject -> digests.add(subject.digest()));
    return ImageRecalled.newBuilder()
        .setDigest(asked.getDigest())
        .addAllDigests(digests)
        .setReason(asked.getReason())
        .setEvict(asked.getEvict())
        .setWaveSize(Math.max(1, asked.getWaveSize()))
        .build();
  }

  static String why(ImageRecalled recall) {
    String reason = recall.getReason().isEmpty() ? "" : " (" + recall.getReason() + ")";
    return "%s was recalled%s; 'waybill image recall --lift %s' allows it again"
        .formatted(recall.getDigest(), reason, recall.getDigest());
  }
}
