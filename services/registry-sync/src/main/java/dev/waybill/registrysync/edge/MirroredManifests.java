package dev.waybill.registrysync.edge;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registryclient.RegistryFailedException.Trouble;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which of the manifests that an index names the platform's registry has. It is asked, and not the
 * upstream: that one counts how often its manifests are fetched, and the index is here. One for
 * each look.
 */
final class MirroredManifests {
  private final RegistryConnection registry;
  private final String repository;
  private boolean isSilent;

  private MirroredManifests(RegistryConnection registry, String repository) {
    this.registry = registry;
    this.repository = repository;
  }

  /** Of the upstream that a reference names. */
  static MirroredManifests of(Reference upstream, RegistryConnection own) {
    return new MirroredManifests(
        own, "mirror/" + upstream.host().replace(':', '_') + "/" + upstream.repository());
  }

  /**
   * Empty for what is no index. What can't be asked counts as not copied yet: a mirror whose own
   * registry is away must see later signatures over indexes all the same, and isn't kept waiting
   * for it tag by tag.
   */
  List<Digest> namedBy(Digest index) throws InterruptedException {
    if (isSilent) {
      return List.of();
    }
    try {
      Optional<ImageDocument> document =
          new AttachedDocuments(registry, ImageLimits.DEFAULT)
              .document(repository, index.toString());
      return document.orElse(null) instanceof ImageIndex known ? here(known) : List.of();
    } catch (IOException | RegistryFailedException | MalformedImageException e) {
      isSilent = true;
      return List.of();
    }
  }

  private List<Digest> here(ImageIndex index)
      throws IOException, RegistryFailedException, InterruptedException {
    var here = new ArrayList<Digest>();
    for (Descriptor entry : index.manifests()) {
      if (has(entry.digest())) {
        here.add(entry.digest());
      }
    }
    return here;
  }

  private boolean has(Digest digest)
      throws IOException, RegistryFailedException, InterruptedException {
    try (Opened _ = registry.open(RegistryRequest.manifestHead(repository, digest.toString()))) {
      return true;
    } catch (RegistryFailedException e) {
      if (e.trouble() == Trouble.NOT_FOUND) {
        return false;
      }
      throw e;
    }
  }
}
