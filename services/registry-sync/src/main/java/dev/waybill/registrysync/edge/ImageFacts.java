package dev.waybill.registrysync.edge;

import dev.waybill.contracts.registry.EvidenceFound;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.ImageConfig;
import dev.waybill.oci.image.ImageConfigs;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Platform;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.AttachedDocuments;
import dev.waybill.registryclient.RegistryFailedException;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** What an image says of itself, and which allowed base its layers show. */
final class ImageFacts {
  private static final String BASE = "org.opencontainers.image.base.digest";

  private final Function<Reference, AttachedDocuments> registries;

  /** Layers of bases that were fetched: a digest never changes its meaning. */
  private final Map<String, List<Digest>> baseLayers = new ConcurrentHashMap<>();

  ImageFacts(Function<Reference, AttachedDocuments> registries) {
    this.registries = registries;
  }

  /**
   * Says what there is to say.
   *
   * @param faults gets what could not be looked at
   */
  void fill(
      EvidenceFound.Builder found,
      EvidenceSearch.Place place,
      Digest digest,
      List<String> bases,
      List<String> faults)
      throws IOException, RegistryFailedException, InterruptedException {
    Manifest manifest = manifest(place.documents(), place.repository(), digest.toString(), null);
    Optional.ofNullable(manifest.annotations().get(BASE)).ifPresent(found::setBaseAnnotation);
    Optional<ImageConfig> read = config(place.documents(), place.repository(), manifest);
    if (read.isEmpty()) {
      return; // An artifact, which has no layers to stand on.
    }
    ImageConfig config = read.get();
    if (config.created() != null) {
      found.setCreatedMs(config.created().toEpochMilli());
    }
    for (String base : bases) {
      if (startsWith(config.diffIds(), layersOf(base, config.platform(), faults))) {
        found.addBases(base);
      }
    }
  }

  /** An image isn't its own base, and nothing is built on no layers. */
  private static boolean startsWith(List<Digest> layers, List<Digest> base) {
    return !base.isEmpty()
        && base.size() <= layers.size()
        && layers.subList(0, base.size()).equals(base);
  }

  private List<Digest> layersOf(String base, Platform platform, List<String> faults)
      throws InterruptedException {
    String key = base + " " + platform;
    List<Digest> known = baseLayers.get(key);
    if (known != null) {
      return known;
    }
    try {
      Reference reference = Reference.parse(base);
      AttachedDocuments registry = registries.apply(reference);
      Manifest manifest =
          manifest(registry, reference.repository(), reference.manifestKey(), platform);
      List<Digest> layers =
          config(registry, reference.repository(), manifest)
              .map(ImageConfig::diffIds)
              .orElse(List.of());
      baseLayers.put(key, layers);
      return layers;
    } catch (IOException | RegistryFailedException | IllegalArgumentException e) {
      faults.add("base image " + base + ": " + e.getMessage());
      return List.of();
    }
  }

  private static Manifest manifest(
      AttachedDocuments registry, String repository, String key, @Nullable Platform platform)
      throws IOException, RegistryFailedException, InterruptedException {
    ImageDocument document =
        registry
            .document(repository, key)
            .orElseThrow(() -> new IOException("there is no %s@%s".formatted(repository, key)));
    if (document instanceof ImageIndex index && platform != null) {
      String picked =
          index
              .pick(platform)
              .orElseThrow(() -> new IOException("it is not for " + platform))
              .digest()
              .toString();
      document = registry.document(repository, picked).orElse(null);
    }
    if (document instanceof Manifest manifest) {
      return manifest;
    }
    throw new IOException("%s@%s is no image of one platform".formatted(repository, key));
  }

  private static Optional<ImageConfig> config(
      AttachedDocuments registry, String repository, Manifest manifest)
      throws IOException, RegistryFailedException, InterruptedException {
    String type = manifest.config().mediaType();
    if (!type.equals(MediaTypes.OCI_CONFIG) && !type.equals(MediaTypes.DOCKER_CONFIG)) {
      return Optional.empty();
    }
    byte[] content =
        registry.blob(repository, manifest.config(), ImageLimits.DEFAULT.configBytesMax());
    try {
      return Optional.of(ImageConfigs.read(content, ImageLimits.DEFAULT));
    } catch (MalformedImageException e) {
      throw new IOException("its configuration makes no sense: " + e.getMessage(), e);
    }
  }
}
