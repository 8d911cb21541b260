package dev.waybill.registrysync.gate;

import dev.waybill.contracts.gate.GateScope;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.registry.ImageRecalled;
import dev.waybill.contracts.workload.ScanPosted;
import dev.waybill.contracts.workload.VerifyRequested;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.TreePMap;

/**
 * All that the gate knows.
 *
 * @param policies in force, by name
 * @param versions the newest version of each policy there ever was, by name
 * @param asked requests that were let in, by request id
 * @param users the request that each container waits for or runs from, by container id
 * @param questions that were not answered yet, by request id
 * @param subjects that were ever pulled, by key
 * @param firstSeen when a digest was first met, in milliseconds since 1970
 * @param evidence of the newest look, by place
 * @param scans newest report, by digest as it was reported on
 * @param verdicts that stand, by key of their subject
 * @param looks that are wanted, by place
 * @param recalls by digest as it was recalled
 */
public record GateState(
    TreePMap<String, GatePolicySet> policies,
    TreePMap<String, Integer> versions,
    TreePMap<String, Asked> asked,
    TreePMap<String, String> users,
    TreePMap<String, VerifyRequested> questions,
    TreePMap<String, Subject> subjects,
    TreePMap<String, Long> firstSeen,
    TreePMap<String, EvidenceFound> evidence,
    TreePMap<String, ScanPosted> scans,
    TreePMap<String, Standing> verdicts,
    TreePMap<String, Look> looks,
    TreePMap<String, ImageRecalled> recalls) {

  /** No policy, nothing known. */
  public static final GateState EMPTY =
      new GateState(
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty(),
          TreePMap.empty());

  /** The policies that hold for this repository in this namespace, in order of their names. */
  public List<GatePolicySet> holding(String namespace, String repository) {
    return policies.values().stream()
        .filter(set -> GateScope.holds(set.getPolicy(), namespace, repository))
        .toList();
  }

  List<GatePolicySet> holding(Subject subject) {
    return holding(subject.namespace(), subject.name());
  }

  /** A container of this subject must wait for a verdict. */
  boolean needsVerdict(Subject subject) {
    return holding(subject).stream().anyMatch(s -> GateScope.asksForVerdict(s.getPolicy()));
  }

  /** There is no verdict on it without a look. */
  public boolean needsEvidence(Subject subject) {
    return holding(subject).stream().anyMatch(s -> GateScope.asksForEvidence(s.getPolicy()));
  }

  /** Evidence that was held against what is trusted now. */
  Optional<EvidenceFound> currentEvidence(Subject subject) {
    return Optional.ofNullable(evidence.get(subject.place()))
        .filter(found -> found.getTrust().equals(Trust.of(policies.values()).id()));
  }

  Known known(Subject subject, long nowMs) {
    Optional<ImageRecalled> recall =
        recalls.values().stream().filter(r -> isRecalled(subject, r)).findFirst();
    return new Known(
        currentEvidence(subject),
        scan(subject),
        Math.min(
            firstSeen.getOrDefault(subject.digest(), nowMs),
            firstSeen.getOrDefault(subject.indexDigest(), nowMs)),
        recall,
        nowMs);
  }

  private static boolean isRecalled(Subject subject, ImageRecalled recall) {
    return subject.isMeantBy(recall.getDigest())
        || recall.getDigestsList().contains(subject.digest());
  }

  private Optional<ScanPosted> scan(Subject subject) {
    ScanPosted own = scans.get(subject.digest());
    ScanPosted whole = scans.get(subject.indexDigest());
    if (own == null || whole == null) {
      return Optional.ofNullable(own == null ? whole : own);
    }
    return Optional.of(own.getScannedMs() >= whole.getScannedMs() ? own : whole);
  }

  /** The subject that a request came to. */
  Optional<Subject> subjectOf(@Nullable String requestId) {
    return Optional.ofNullable(requestId == null ? null : asked.get(requestId))
        .map(request -> subjects.get(request.subject()));
  }

  /** What some container runs from or waits for. */
  public List<Subject> live() {
    var keys = new TreeSet<String>();
    users.values().stream()
        .map(asked::get)
        .filter(Objects::nonNull)
        .forEach(request -> keys.add(request.subject()));
    return keys.stream().map(subjects::get).filter(Objects::nonNull).toList();
  }

  GateState withPolicies(TreePMap<String, GatePolicySet> changed) {
    return new GateState(
        changed,
        versions,
        asked,
        users,
        questions,
        subjects,
        firstSeen,
        evidence,
        scans,
        TreePMap.empty(),
        looks,
        recalls);
  }

  GateState withVersion(String policy, int version) {
    return new GateState(
        policies,
        versions.plus(policy, version),
        asked,
        users,
        questions,
        subjects,
        firstSeen,
        evidence,
        scans,
        verdicts,
        looks,
        recalls);
  }

  GateState withAsked(TreePMap<String, Asked> changed) {
    return new GateState(
        policies, versions, changed, users, questions, subjects, firstSeen, evidence, scans,
        verdicts, looks, recalls);
  }

  GateState withUsers(TreePMap<String, String> changed) {
    return new GateState(
        policies, versions, asked, changed, questions, subjects, firstSeen, evidence, scans,
        verdicts, looks, recalls);
  }

  GateState withQuestions(TreePMap<String, VerifyRequested> changed) {
    return new GateState(
        policies, versions, asked, users, changed, subjects, firstSeen, evidence, scans, verdicts,
        looks, recalls);
  }

  GateState with(Subject subject) {
    return new GateState(
        policies,
        versions,
        asked,
        users,
        questions,
        subjects.plus(subject.key(), subject),
        firstSeen,
        evidence,
        scans,
        verdicts,
        looks,
        recalls);
  }

  GateState seen(String digest, long atMs) {
    return firstSeen.containsKey(digest)
        ? this
        : new GateState(
            policies,
            versions,
            asked,
            users,
            questions,
            subjects,
            firstSeen.plus(digest, atMs),
            evidence,
            scans,
            verdicts,
            looks,
            recalls);
  }

  GateState with(EvidenceFound found) {
    String place = Subject.place(found.getRepository(), found.getDigest());
    Look wanted = looks.get(place);
    boolean answered = wanted != null && wanted.id().equals(found.getLook());
    return new GateState(
        policies,
        versions,
        asked,
        users,
        questions,
        subjects,
        firstSeen,
        evidence.plus(place, found),
        scans,
        verdicts,
        answered ? looks.minus(place) : looks,
        recalls);
  }

  GateState with(ScanPosted scan) {
    return new GateState(
        policies,
        versions,
        asked,
        users,
        questions,
        subjects,
        firstSeen,
        evidence,
        scans.plus(scan.getDigest(), scan),
        verdicts,
        looks,
        recalls);
  }

  GateState with(String subject, Standing verdict) {
    return new GateState(
        policies,
        versions,
        asked,
        users,
        questions,
        subjects,
        firstSeen,
        evidence,
        scans,
        verdicts.plus(subject, verdict),
        looks,
        recalls);
  }

  GateState with(Look look) {
    return new GateState(
        policies,
        versions,
        asked,
        users,
        questions,
        subjects,
        firstSeen,
        evidence,
        scans,
        verdicts,
        looks.plus(look.subject().place(), look),
        recalls);
  }

  GateState withRecalls(TreePMap<String, ImageRecalled> changed) {
    return new GateState(
        policies, versions, asked, users, questions, subjects, firstSeen, evidence, scans, verdicts,
        looks, changed);
  }
}
