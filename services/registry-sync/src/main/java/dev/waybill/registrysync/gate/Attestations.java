package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.AttestationFound;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.spec.AttestationKind;
import dev.waybill.contracts.spec.AttestationRule;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Whether an attestation that a rule asks for is there. */
final class Attestations {
  private static final Pattern PROVENANCE =
      Pattern.compile("https://slsa\\.dev/provenance(/v?[0-9.]+)?");
  private static final Pattern SBOM =
      Pattern.compile(
          "https://(spdx\\.dev/Document|cyclonedx\\.org/bom|cyclonedx\\.org/schema).*"
              + "|application/(spdx\\+json|vnd\\.cyclonedx\\+json)|text/spdx(\\+json)?");

  private Attestations() {}

  static String name(AttestationRule rule) {
    return switch (rule.getKind()) {
      case ATTESTATION_KIND_PROVENANCE -> "provenance";
      case ATTESTATION_KIND_SBOM -> "sbom";
      case ATTESTATION_KIND_OTHER, ATTESTATION_KIND_UNSPECIFIED, UNRECOGNIZED -> "attestation";
    };
  }

  static Finding check(AttestationRule rule, Optional<EvidenceFound> evidence) {
    List<AttestationFound> ofKind =
        evidence.stream()
            .flatMap(e -> e.getAttestationsList().stream())
            .filter(found -> isKind(rule, found.getPredicateType()))
            .toList();
    String trouble = "";
    for (AttestationFound found : ofKind) {
      Finding finding = one(rule, found);
      if (finding.passed()) {
        return finding;
      }
      trouble = finding.why();
    }
    return Finding.broken(
        ofKind.isEmpty() ? "no %s is attached; push one".formatted(wanted(rule)) : trouble);
  }

  private static Finding one(AttestationRule rule, AttestationFound found) {
    String what = found.getPredicateType();
    boolean built =
        rule.getBuildersCount() == 0
            || rule.getBuildersList().stream()
                .anyMatch(builder -> Signers.glob(builder).matcher(found.getBuilder()).matches());
    if (!built) {
      return Finding.broken(
          "%s names the builder '%s', allowed is %s"
              .formatted(what, found.getBuilder(), String.join(", ", rule.getBuildersList())));
    }
    if (rule.getSignersCount() == 0) {
      return Finding.kept(what + " is attached");
    }
    return Signers.signer(rule.getSignersList(), found.getProofsList())
        .map(by -> Finding.kept("%s signed by %s".formatted(what, by)))
        .orElseGet(
            () ->
                Finding.broken(
                    "%s is not signed by %s: %s"
                        .formatted(
                            what,
                            Signers.names(rule.getSignersList()),
                            fault(found.getProofsList()))));
  }

  private static String fault(List<Proof> proofs) {
    return proofs.stream()
        .map(Proof::getFault)
        .filter(text -> !text.isEmpty())
        .findFirst()
        .orElse("it is signed by somebody else, or not at all");
  }

  private static boolean isKind(AttestationRule rule, String type) {
    return switch (rule.getKind()) {
      case ATTESTATION_KIND_PROVENANCE -> PROVENANCE.matcher(type).matches();
      case ATTESTATION_KIND_SBOM -> SBOM.matcher(type).matches();
      case ATTESTATION_KIND_OTHER -> rule.getPredicateType().equals(type);
      case ATTESTATION_KIND_UNSPECIFIED, UNRECOGNIZED -> false;
    };
  }

  private static String wanted(AttestationRule rule) {
    if (rule.getKind() == AttestationKind.ATTESTATION_KIND_PROVENANCE) {
      return "SLSA provenance";
    }
    return rule.getKind() == AttestationKind.ATTESTATION_KIND_SBOM
        ? "bill of materials in SPDX or CycloneDX"
        : "attestation of type " + rule.getPredicateType();
  }
}
