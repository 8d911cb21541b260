package dev.waybill.registrysync.gate;

import dev.waybill.contracts.registry.GatePolicySet;
import dev.waybill.contracts.spec.AttestationRule;
import dev.waybill.contracts.spec.GatePolicy;
import dev.waybill.contracts.spec.SignatureRule;
import dev.waybill.contracts.spec.Signer;
import dev.waybill.kernel.Digest;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * What evidence is held against: everybody whom some policy trusts, and every base that one allows.
 *
 * @param bases allowed base images, each HOST/REPOSITORY@DIGEST, sorted
 */
public record Trust(List<Signer> signers, List<String> bases) {
  public Trust {
    signers = List.copyOf(signers);
    bases = List.copyOf(bases);
  }

  /** What these policies trust, each once. */
  public static Trust of(Collection<GatePolicySet> policies) {
    List<Signer> signers =
        policies.stream()
            .map(GatePolicySet::getPolicy)
            .flatMap(Trust::signers)
            .map(signer -> signer.toBuilder().clearName().build())
            .distinct()
            .toList();
    var bases = new TreeSet<String>();
    policies.forEach(set -> bases.addAll(set.getPolicy().getBaseImagesList()));
    return new Trust(signers, List.copyOf(bases));
  }

  private static Stream<Signer> signers(GatePolicy policy) {
    return Stream.concat(
            policy.getSignaturesList().stream().map(SignatureRule::getSignersList),
            policy.getAttestationsList().stream().map(AttestationRule::getSignersList))
        .flatMap(List::stream);
  }

  /** Names it: evidence that was held against something else is of no use. */
  public String id() {
    var text = new StringBuilder();
    signers.forEach(
        signer ->
            text.append(signer.getPublicKey())
                .append('\0')
                .append(signer.getNotationRoots())
                .append('\0')
                .append(signer.getNotationSubject())
                .append('\0')
                .append(signer.getIdentity())
                .append('\0')
                .append(signer.getIssuer())
                .append('\n'));
    bases.forEach(base -> text.append(base).append('\n'));
    return Digest.of(text.toString().getBytes(StandardCharsets.UTF_8)).toString();
  }
}
