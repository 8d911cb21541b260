package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.RuleVerdict;
import dev.waybill.contracts.spec.AgeClock;
import dev.waybill.contracts.spec.AttestationRule;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.SignatureRule;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/** Gives the verdict on one subject: all rules of all policies that hold must be kept. */
public final class Judge {
  private final Known known;
  private final List<RuleVerdict> rules = new ArrayList<>();
  private long judgeAgainMs;
  private String policy = "";

  private Judge(Known known) {
    this.known = known;
  }

  /** Judges {@code subject} by {@code policies}, which are those that hold for it. */
  public static Verdict judge(Subject subject, Collection<GatePolicySet> policies, Known known) {
    var judge = new Judge(known);
    judge.recall();
    for (GatePolicySet set : policies) {
      judge.policy = set.getName() + "@" + set.getVersion();
      judge.apply(subject, set.getPolicy());
    }
    return new Verdict(judge.rules, judge.judgeAgainMs);
  }

  private void recall() {
    known.recall().ifPresent(recall -> rule("recall", false, Recalls.why(recall)));
  }

  private void apply(Subject subject, GatePolicy asked) {
    if (asked.getDeniedDigestsCount() > 0) {
      boolean denied = asked.getDeniedDigestsList().stream().anyMatch(subject::isMeantBy);
      rule("denied-digests", !denied, denied ? subject.digest() + " is denied" : "not among them");
    }
    if (asked.getMinAgeMs() > 0) {
      age(asked);
    }
    if (asked.getBaseImagesCount() > 0) {
      base(asked);
    }
    for (SignatureRule rule : asked.getSignaturesList()) {
      add("signature", Signers.signature(rule, subject, known.evidence()));
    }
    for (AttestationRule rule : asked.getAttestationsList()) {
      add(Attestations.name(rule), Attestations.check(rule, known.evidence()));
    }
    if (asked.hasScan()) {
      Scans.Checked checked = Scans.check(asked.getScan(), known);
      again(checked.judgeAgainMs());
      add("scan", checked.finding());
    }
  }

  private void age(GatePolicy asked) {
    boolean byImage = asked.getAgeClock() == AgeClock.AGE_CLOCK_CREATED;
    long bornMs =
        byImage ? known.evidence().map(e -> e.getCreatedMs()).orElse(0L) : known.firstSeenMs();
    String clock = byImage ? "its configuration says it was made" : "this cell first saw it";
    if (bornMs <= 0) {
      rule(
          "age", false, "its configuration doesn't say when it was made; use the clock FIRST_SEEN");
      return;
    }
    long ripeMs = bornMs + asked.getMinAgeMs();
    boolean old = known.nowMs() >= ripeMs;
    if (!old) {
      again(ripeMs);
    }
    rule(
        "age",
        old,
        old
            ? "%s at %s".formatted(clock, Instant.ofEpochMilli(bornMs))
            : "%s at %s, it must be %s old and is so at %s"
                .formatted(
                    clock,
                    Instant.ofEpochMilli(bornMs),
                    days(asked.getMinAgeMs()),
                    Instant.ofEpochMilli(ripeMs)));
  }

  /** A length of time as people say it. */
  static String days(long ms) {
    Duration time = Duration.ofMillis(ms);
    if (time.toDays() > 1 && time.toHours() % 24 == 0) {
      return time.toDays() + " days";
    }
    return time.toMinutes() > 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
  }

  private void base(GatePolicy asked) {
    List<String> allowed = asked.getBaseImagesList();
    String shown =
        known.evidence().stream()
            .flatMap(e -> e.getBasesList().stream())
            .filter(allowed::contains)
            .findFirst()
            .orElse("");
    String said = known.evidence().map(e -> e.getBaseAnnotation()).orElse("");
    boolean believed =
        asked.getBaseAnnotation()
            && !said.isEmpty()
            && allowed.stream().anyMatch(base -> base.endsWith("@" + said));
    if (!shown.isEmpty()) {
      rule("base-image", true, "its lowest layers are those of " + shown);
    } else if (believed) {
      rule("base-image", true, "its annotation names the base " + said);
    } else {
      String claim =
          said.isEmpty()
              ? "and it names no base"
              : "and its annotation names %s, which %s"
                  .formatted(said, asked.getBaseAnnotation() ? "isn't allowed" : "isn't believed");
      rule(
          "base-image",
          false,
          "its lowest layers are not those of %s %s".formatted(String.join(", ", allowed), claim));
    }
  }

  private void again(long atMs) {
    if (atMs > 0 && (judgeAgainMs == 0 || atMs < judgeAgainMs)) {
      judgeAgainMs = atMs;
    }
  }

  private void add(String name, Finding finding) {
    rule(name, finding.passed(), finding.why());
  }

  private void rule(String name, boolean passed, String why) {
    rules.add(
        RuleVerdict.newBuilder()
            .setPolicy(policy)
            .setRule(name)
            .setPassed(passed)
            .setWhy(why)
            .build());
  }
}
