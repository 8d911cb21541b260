package dev.waybill.registrysync.edge;

import dev.waybill.contracts.registry.AttestationFound;
import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.contracts.registry.SignatureFound;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.AttachedDocuments.Attached;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.gate.Look;
import dev.waybill.registrysync.gate.Subject;
import dev.waybill.registrysync.gate.Trust;
import dev.waybill.registrysync.proof.Bundle;
import dev.waybill.registrysync.proof.Dsse;
import dev.waybill.registrysync.proof.Keyless;
import dev.waybill.registrysync.proof.MalformedProofException;
import dev.waybill.registrysync.proof.Notation;
import dev.waybill.registrysync.proof.SimpleSigning;
import dev.waybill.registrysync.proof.Trusted;
import java.io.IOException;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Looks for what an image comes with, first in the platform's registry, then where it came from,
 * and holds it against what policies trust.
 */
final class EvidenceSearch {
  private static final int PROOF_BYTES_MAX = 16 * 1024 * 1024;
  private static final String MIRROR = "mirror/";
  private static final Pattern SBOM =
      Pattern.compile("application/(spdx\\+json|vnd\\.cyclonedx\\+json)|text/spdx(\\+json)?");

  private final Transport transport;
  private final Credentials credentials;
  private final OwnRegistry own;
  private final Optional<Keyless> keyless;
  private final InstantSource clock;
  private final ImageFacts facts;

  EvidenceSearch(
      Transport transport,
      Credentials credentials,
      OwnRegistry own,
      Optional<Keyless> keyless,
      InstantSource clock) {
    this.transport = transport;
    this.credentials = credentials;
    this.own = own;
    this.keyless = keyless;
    this.clock = clock;
    this.facts = new ImageFacts(this::documents);
  }

  /** A repository of some registry. */
  record Place(String shown, AttachedDocuments documents, String repository) {}

  /** What one search has found so far. */
  private record Finds(
      Subject subject,
      Trusted trusted,
      Set<Digest> read,
      List<SignatureFound> signatures,
      List<AttestationFound> attestations,
      List<String> faults) {}

  EvidenceFound search(Look look, Trust trust) throws InterruptedException {
    Subject subject = look.subject();
    var finds =
        new Finds(
            subject,
            Trusted.of(trust.signers(), keyless, clock.instant()),
            new HashSet<>(),
            new ArrayList<>(),
            new ArrayList<>(),
            new ArrayList<>());
    var found =
        EvidenceFound.newBuilder()
            .setDigest(subject.digest())
            .setIndexDigest(subject.indexDigest())
            .setRepository(subject.repository())
            .setLook(look.id())
            .setTrust(trust.id());
    Place here = new Place("the platform's registry", open(own), subject.repository());
    try {
      facts.fill(found, here, Digest.parse(subject.digest()), trust.bases(), finds.faults());
    } catch (IOException | RegistryFailedException | MalformedImageException e) {
      finds.faults().add(here.shown() + ": " + e.getMessage());
    }
    searchAt(here, finds);
    if (subject.repository().startsWith(MIRROR)) {
      searchAt(upstream(subject), finds);
    }
    return found
        .addAllSignatures(finds.signatures())
        .addAllAttestations(finds.attestations())
        .addAllFaults(finds.faults())
        .build();
  }

  private AttachedDocuments open(OwnRegistry registry) {
    return new AttachedDocuments(registry.open(transport), ImageLimits.DEFAULT);
  }

  private Place upstream(Subject subject) {
    Reference reference = Reference.parse(subject.reference());
    return new Place(
        reference.host(), documents(reference, subject.namespace()), reference.repository());
  }

  /** The registry that a reference names, which may be the platform's own. */
  private AttachedDocuments documents(Reference reference) {
    return documents(reference, "");
  }

  private AttachedDocuments documents(Reference reference, String namespace) {
    RegistryConnection registry =
        own.isAt(reference.host())
            ? own.open(transport)
            : new RegistryConnection(
                transport, reference.apiHost(), credentials.forHost(reference.host(), namespace));
    return new AttachedDocuments(registry, ImageLimits.DEFAULT);
  }

  private static void searchAt(Place place, Finds finds) throws InterruptedException {
    var subjects = new TreeSet<>(List.of(finds.subject().digest(), finds.subject().indexDigest()));
    for (String subject : subjects) {
      try {
        for (Attached attached :
            place.documents().about(place.repository(), Digest.parse(subject))) {
          if (finds.read().add(attached.digest())) {
            read(place, subject, attached, finds);
          }
        }
      } catch (IOException | RegistryFailedException | MalformedImageException e) {
        finds.faults().add(place.shown() + ": " + e.getMessage());
      }
    }
  }

  private static void read(Place place, String subject, Attached attached, Finds finds)
      throws IOException, RegistryFailedException, InterruptedException {
    for (Descriptor layer : attached.manifest().layers()) {
      byte[] content = place.documents().blob(place.repository(), layer, PROOF_BYTES_MAX);
      try {
        readLayer(subject, attached, layer, content, finds);
      } catch (MalformedProofException e) {
        finds.faults().add(attached.digest() + ": " + e.getMessage());
      }
    }
  }

  private static void readLayer(
      String subject, Attached attached, Descriptor layer, byte[] content, Finds finds)
      throws MalformedProofException {
    String document = attached.digest().toString();
    String type = layer.mediaType();
    if (type.equals(SimpleSigning.MEDIA_TYPE)) {
      finds
          .signatures()
          .add(SimpleSigning.read(document, layer.annotations(), content, finds.trusted()));
    } else if (type.equals(Dsse.MEDIA_TYPE)) {
      finds
          .attestations()
          .add(Dsse.attestation(document, content, finds.subject()::isMeantBy, finds.trusted()));
    } else if (type.startsWith(Bundle.MEDIA_TYPE)) {
      Bundle.Read bundle =
          Bundle.read(document, content, subject, finds.subject()::isMeantBy, finds.trusted());
      bundle.signature().ifPresent(finds.signatures()::add);
      bundle.attestation().ifPresent(finds.attestations()::add);
    } else if (attached.type().equals(Notation.ARTIFACT_TYPE)) {
      finds.signatures().add(Notation.read(document, type, content, finds.trusted()));
    } else if (SBOM.matcher(type).matches()) {
      finds
          .attestations()
          .add(AttestationFound.newBuilder().setDocument(document).setPredicateType(type).build());
    }
  }
}
