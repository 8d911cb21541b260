package dev.waybill.image.quota;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogDecision.Refused;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.ByteSize;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What repositories may hold.
 *
 * @param bytes by prefix: of all repositories that have that path or begin with it and a slash; the
 *     empty prefix means all there are
 * @param manifestsMax of one repository
 * @param tagsMax of one repository
 */
public record Quotas(Map<String, Long> bytes, int manifestsMax, int tagsMax) {
  public Quotas {
    bytes = Map.copyOf(bytes);
    bytes.forEach(
        (prefix, most) -> {
          if (most < 0) {
            throw new IllegalArgumentException(
                "quota of '" + prefix + "' is " + most + ", give bytes, 0 or more");
          }
        });
  }

  /** Bytes that still fit into a repository, by the prefix that has the least left. */
  public long room(Catalog catalog, String repository) {
    return applying(repository).stream()
        .mapToLong(prefix -> most(prefix) - used(catalog, prefix).total())
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /** Why a repository can't have this blob as well, if it can't. */
  public Optional<Refused> refusal(Catalog catalog, String repository, Digest blob, long size) {
    for (String prefix : applying(repository)) {
      Usage usage = used(catalog, prefix);
      if (!usage.sizes().containsKey(blob) && usage.total() + size > most(prefix)) {
        return Optional.of(over(prefix, usage.total()));
      }
    }
    return Optional.empty();
  }

  /** Why a repository can't have this manifest as well, if it can't. */
  public Optional<Refused> refusal(
      Catalog catalog, String repository, ManifestKey key, ManifestEntry entry) {
    Optional<Repository> held = catalog.repository(repository);
    if (held.isPresent()) {
      boolean isNew = !held.get().manifests().containsKey(entry.digest());
      if (isNew && held.get().manifests().size() >= manifestsMax) {
        return Optional.of(denied(repository + " has " + manifestsMax + " manifests"));
      }
      boolean isNewTag =
          key instanceof ManifestKey.ByTag(var tag) && !held.get().tags().containsKey(tag);
      if (isNewTag && held.get().tags().size() >= tagsMax) {
        return Optional.of(denied(repository + " has " + tagsMax + " tags"));
      }
    }
    return refusal(catalog, repository, entry.digest(), entry.size());
  }

  /** The refusal of what doesn't fit into {@link #room}. */
  public Refused full(Catalog catalog, String repository) {
    return applying(repository).stream()
        .map(prefix -> Map.entry(prefix, used(catalog, prefix).total()))
        .min((a, b) -> Long.compare(left(a), left(b)))
        .map(least -> over(least.getKey(), least.getValue()))
        .orElseThrow();
  }

  private long left(Map.Entry<String, Long> usage) {
    return most(usage.getKey()) - usage.getValue();
  }

  private List<String> applying(String repository) {
    return bytes.keySet().stream().filter(prefix -> isBelow(repository, prefix)).sorted().toList();
  }

  private static boolean isBelow(String repository, String prefix) {
    return prefix.isEmpty() || repository.equals(prefix) || repository.startsWith(prefix + "/");
  }

  private long most(String prefix) {
    return bytes.getOrDefault(prefix, Long.MAX_VALUE);
  }

  /** What is below a prefix, each blob once. */
  private record Usage(Map<Digest, Long> sizes, long total) {}

  private static Usage used(Catalog catalog, String prefix) {
    Map<Digest, Long> sizes = new TreeMap<>();
    List<Repository> below = new ArrayList<>();
    catalog
        .repositories()
        .forEach(
            (path, held) -> {
              if (isBelow(path, prefix)) {
                below.add(held);
              }
            });
    for (Repository held : below) {
      sizes.putAll(held.blobs());
      held.manifests().values().forEach(entry -> sizes.put(entry.digest(), entry.size()));
    }
    return new Usage(sizes, sizes.values().stream().mapToLong(Long::longValue).sum());
  }

  private Refused over(String prefix, long used) {
    String where = prefix.isEmpty() ? "the registry" : "what is below " + prefix;
    return denied(
        "%s holds %s of %s".formatted(where, ByteSize.format(used), ByteSize.format(most(prefix))));
  }

  private static Refused denied(String what) {
    return new Refused(
        ErrorCode.DENIED, what + ", the most it may; remove images or ask for a larger quota");
  }
}
