package dev.waybill.registryclient;

import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageDocument;
import dev.waybill.oci.image.ImageDocuments;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.MalformedImageException;
import dev.waybill.oci.image.Manifest;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException.Trouble;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The signatures, attestations and bills of materials that a registry has about a digest: under
 * cosign's tags, and as OCI 1.1 referrers with the fallback tag.
 *
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#listing-referrers">distribution-spec,
 *     listing referrers</a>
 */
public final class AttachedDocuments {
  private static final List<String> TAG_SUFFIXES = List.of(".sig", ".att", ".sbom");
  private static final int DOCUMENTS_MAX = 64;

  private static final int TAG_HEX_MAX = 64;

  private final RegistryConnection registry;
  private final ImageLimits limits;

  public AttachedDocuments(RegistryConnection registry, ImageLimits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /**
   * One document about another.
   *
   * @param tag that it is under; null for a referrer
   * @param digest that it was asked for by, or its usual one
   * @param content exactly as delivered
   * @param type what it is, as a list of referrers shows it
   */
  public record Attached(
      @Nullable String tag, Digest digest, byte[] content, Manifest manifest, String type) {
    private static Attached of(@Nullable String tag, Delivered delivered, Manifest manifest) {
      return new Attached(
          tag, delivered.digest(), delivered.content(), manifest, manifest.effectiveArtifactType());
    }
  }

  /**
   * All of them, those under tags first; at most {@value #DOCUMENTS_MAX}.
   *
   * @throws MalformedImageException if one makes no sense
   * @throws IOException if a connection breaks, or content isn't what its digest says
   */
  public List<Attached> about(String repository, Digest subject)
      throws IOException, RegistryFailedException, InterruptedException {
    var found = new ArrayList<Attached>();
    for (String suffix : TAG_SUFFIXES) {
      String tag = tag(subject) + suffix;
      Optional<Delivered> delivered = find(repository, tag);
      if (delivered.isPresent() && delivered.get().value() instanceof Manifest manifest) {
        found.add(Attached.of(tag, delivered.get(), manifest));
      }
    }
    for (Descriptor entry : referrers(repository, subject)) {
      if (found.size() == DOCUMENTS_MAX) {
        break;
      }
      Optional<Delivered> delivered = find(repository, entry.digest().toString());
      if (delivered.isPresent() && delivered.get().value() instanceof Manifest manifest) {
        found.add(Attached.of(null, delivered.get(), manifest));
      }
    }
    return found;
  }

  /**
   * The digests of all of them, sorted, with none of them fetched.
   *
   * @param tags that the repository has: those that aren't there need no question
   * @throws MalformedImageException if a list of them makes no sense
   */
  public List<Digest> digestsAbout(String repository, Digest subject, Set<String> tags)
      throws IOException, RegistryFailedException, InterruptedException {
    var found = new TreeSet<Digest>();
    String tag = tag(subject);
    for (String suffix : TAG_SUFFIXES) {
      if (tags.contains(tag + suffix)) {
        find(repository, tag + suffix).map(Delivered::digest).ifPresent(found::add);
      }
    }
    Optional<List<Descriptor>> listed = listedReferrers(repository, subject);
    if (listed.isEmpty() && tags.contains(tag)) {
      listed = Optional.of(referrersUnderTag(repository, subject));
    }
    listed.orElse(List.of()).forEach(entry -> found.add(entry.digest()));
    return List.copyOf(found);
  }

  /** Tags are shorter than the longest digests. */
  private static String tag(Digest subject) {
    String hex = subject.hex();
    return subject.algorithm() + "-" + hex.substring(0, Math.min(hex.length(), TAG_HEX_MAX));
  }

  private record Delivered(ImageDocument value, byte[] content, Digest digest) {}

  /** A document under a tag or a digest, if the registry has it. */
  public Optional<ImageDocument> document(String repository, String key)
      throws IOException, RegistryFailedException, InterruptedException {
    return find(repository, key).map(Delivered::value);
  }

  private Optional<Delivered> find(String repository, String key)
      throws IOException, RegistryFailedException, InterruptedException {
    try (Opened opened = registry.open(RegistryRequest.manifest(repository, key))) {
      byte[] content = bounded(opened, limits.documentBytesMax(), key);
      Digest digest = verify(key, content);
      String type = opened.header("Content-Type").orElse(null);
      return Optional.of(
          new Delivered(ImageDocuments.read(content, type, limits), content, digest));
    } catch (RegistryFailedException e) {
      if (e.trouble() == Trouble.NOT_FOUND) {
        return Optional.empty();
      }
      throw e;
    }
  }

  private List<Descriptor> referrers(String repository, Digest subject)
      throws IOException, RegistryFailedException, InterruptedException {
    Optional<List<Descriptor>> listed = listedReferrers(repository, subject);
    return listed.isPresent() ? listed.get() : referrersUnderTag(repository, subject);
  }

  /** A registry from before OCI 1.1 keeps the list under a tag. */
  private List<Descriptor> referrersUnderTag(String repository, Digest subject)
      throws IOException, RegistryFailedException, InterruptedException {
    return document(repository, tag(subject)).orElse(null) instanceof ImageIndex i
        ? i.manifests()
        : List.of();
  }

  /** What the registry says; nothing if it doesn't know the question. */
  private Optional<List<Descriptor>> listedReferrers(String repository, Digest subject)
      throws IOException, RegistryFailedException, InterruptedException {
    try (Opened opened = registry.open(RegistryRequest.referrers(repository, subject))) {
      byte[] content = bounded(opened, limits.documentBytesMax(), "referrers of " + subject);
      return Optional.of(
          ImageDocuments.read(content, opened.header("Content-Type").orElse(null), limits)
                  instanceof ImageIndex index
              ? index.manifests()
              : List.of());
    } catch (RegistryFailedException e) {
      if (e.trouble() != Trouble.NOT_FOUND) {
        throw e;
      }
      return Optional.empty();
    }
  }

  /**
   * A small blob, verified.
   *
   * @throws IOException if it is over {@code bytesMax}, or not what its digest says
   */
  public byte[] blob(String repository, Descriptor blob, int bytesMax)
      throws IOException, RegistryFailedException, InterruptedException {
    try (Opened opened = registry.open(RegistryRequest.blob(repository, blob.digest()))) {
      byte[] content = bounded(opened, bytesMax, blob.digest().toString());
      verify(blob.digest().toString(), content);
      return content;
    }
  }

  private static byte[] bounded(Opened opened, int bytesMax, String what) throws IOException {
    byte[] content = opened.body().readNBytes(bytesMax + 1);
    if (content.length > bytesMax) {
      throw new IOException("%s is over the limit of %d bytes".formatted(what, bytesMax));
    }
    return content;
  }

  private static Digest verify(String key, byte[] content) throws IOException {
    Digest actual = Digest.ofNamed(key, content);
    if (key.indexOf(':') >= 0 && !key.equals(actual.toString())) {
      throw new IOException("%s arrived as %s".formatted(key, actual));
    }
    return actual;
  }
}
