package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.Proof;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.contracts.spec.SignatureRule;
import dev.waybill.contracts.spec.Signer;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Whether one of the signers that a rule names has signed. */
final class Signers {
  private static final int FAULTS_SHOWN = 3;

  private Signers() {}

  static Finding signature(SignatureRule rule, Subject subject, Optional<EvidenceFound> evidence) {
    List<SignatureFound> about =
        evidence.stream()
            .flatMap(e -> e.getSignaturesList().stream())
            .filter(s -> s.getSignedDigest().isEmpty() || subject.isMeantBy(s.getSignedDigest()))
            .toList();
    for (SignatureFound signature : about) {
      // A document that doesn't say what it speaks of can't prove anything.
      Optional<String> by =
          signature.getSignedDigest().isEmpty()
              ? Optional.empty()
              : signer(rule.getSignersList(), signature.getProofsList());
      if (by.isPresent()) {
        return Finding.kept("signed by " + by.get());
      }
    }
    return Finding.broken(
        "no signature by %s%s"
            .formatted(names(rule.getSignersList()), found(about.size(), faults(about))));
  }

  private static List<String> faults(List<SignatureFound> about) {
    return about.stream()
        .flatMap(s -> s.getProofsList().stream())
        .map(Proof::getFault)
        .filter(fault -> !fault.isEmpty())
        .distinct()
        .limit(FAULTS_SHOWN)
        .toList();
  }

  private static String found(int count, Collection<String> faults) {
    if (count == 0) {
      return "; sign the digest and push the signature";
    }
    return "; of %d found, none will do%s"
        .formatted(count, faults.isEmpty() ? "" : ": " + String.join(", ", faults));
  }

  /** The first of {@code signers} that a proof is by. */
  static Optional<String> signer(List<Signer> signers, List<Proof> proofs) {
    return signers.stream()
        .filter(signer -> proofs.stream().anyMatch(proof -> isBy(signer, proof)))
        .map(Signers::name)
        .findFirst();
  }

  static String names(List<Signer> signers) {
    return signers.stream().map(Signers::name).collect(Collectors.joining(" or "));
  }

  private static String name(Signer signer) {
    if (!signer.getName().isEmpty()) {
      return signer.getName();
    }
    return signer.getIdentity().isEmpty() ? "the policy's key" : signer.getIdentity();
  }

  private static boolean isBy(Signer signer, Proof proof) {
    if (!proof.getFault().isEmpty()) {
      return false;
    }
    return switch (proof.getKind()) {
      case "key" -> SignerIds.key(signer).filter(proof.getKeyId()::equals).isPresent();
      case "notation" ->
          SignerIds.roots(signer).contains(proof.getIssuer())
              && (signer.getNotationSubject().isEmpty()
                  || signer.getNotationSubject().equals(proof.getIdentity()));
      case "keyless" ->
          !signer.getIdentity().isEmpty()
              && signer.getIssuer().equals(proof.getIssuer())
              && glob(signer.getIdentity()).matcher(proof.getIdentity()).matches();
      default -> false;
    };
  }

  static Pattern glob(String text) {
    return Pattern.compile(Pattern.quote(text).replace("*", "\\E.*\\Q"));
  }
}
