package dev.waybill.registrysync.edge;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryFailedException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Sees which signatures and other documents an upstream has about its images, without fetching any:
 * what came after an image was copied is to be noticed. One for each look.
 */
final class ProofListing {
  private final AttachedDocuments documents;
  private final String repository;
  private final Set<String> tags;
  private final MirroredManifests mirrored;

  /**
   * @param tags of the repository, with those that are about digests
   */
  ProofListing(
      RegistryConnection registry,
      String repository,
      Collection<String> tags,
      MirroredManifests mirrored) {
    this.documents = new AttachedDocuments(registry, ImageLimits.DEFAULT);
    this.repository = repository;
    this.tags = Set.copyOf(tags);
    this.mirrored = mirrored;
  }

  /**
   * Identifies the documents about a digest, and where it is an index's about the manifests that
   * were copied with it; empty if there are none. What can't be listed isn't there: a registry that
   * answers such questions with a fault must not hold its mirror up.
   */
  String about(String digest) throws InterruptedException {
    try {
      Digest root = Digest.parse(digest);
      var found = new TreeSet<>(documents.digestsAbout(repository, root, tags));
      for (Digest manifest : mirrored.namedBy(root)) {
        found.addAll(documents.digestsAbout(repository, manifest, tags));
      }
      String lines = found.stream().map(Digest::toString).collect(Collectors.joining("\n"));
      return found.isEmpty() ? "" : Digest.of(lines.getBytes(StandardCharsets.UTF_8)).toString();
    } catch (IOException | RegistryFailedException | IllegalArgumentException e) {
      return "";
    }
  }
}
