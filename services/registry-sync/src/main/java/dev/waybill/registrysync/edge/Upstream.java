package dev.waybill.registrysync.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.policy.Policy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at upstream repositories: which tags are there, and what does each name. */
final class Upstream {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 1000;
  private static final int PAGES_MAX = 100;
  private static final int PAGE_BYTES_MAX = 1024 * 1024;
  private static final String BELOW = "/*";
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");

  private final Transport transport;
  private final Credentials credentials;

  Upstream(Transport transport, Credentials credentials) {
    this.transport = transport;
    this.credentials = credentials;
  }

  /**
   * The tags that {@code policy} wants, as complete references, each with the digest it names now.
   *
   * @throws IOException if the registry breaks off, or answers what it shouldn't
   */
  TreeMap<String, String> look(Policy policy)
      throws IOException, RegistryFailedException, InterruptedException {
    String repository = policy.set().getUpstream();
    if (repository.endsWith(BELOW)) {
      throw new IOException(
          "%s names many repositories, which can be allowed but not mirrored; set a policy for each"
              .formatted(repository));
    }
    Reference any = Reference.parse(repository + ":latest");
    var registry =
        new RegistryConnection(transport, any.apiHost(), credentials.forHost(any.host()));
    var found = new TreeMap<String, String>();
    for (String tag : tags(registry, any.repository())) {
      if (Reference.isTag(tag) && policy.matchesTag(tag)) {
        String digest = digest(registry, any.repository(), tag);
        found.put(any.host() + "/" + any.repository() + ":" + tag, digest);
      }
    }
    return found;
  }

  private static List<String> tags(RegistryConnection registry, String repository)
      throws IOException, RegistryFailedException, InterruptedException {
    var tags = new ArrayList<String>();
    Optional<RegistryRequest> page = Optional.of(RegistryRequest.tags(repository, PAGE));
    for (int read = 0; page.isPresent(); read++) {
      if (read == PAGES_MAX) {
        throw new IOException(
            "%s has more than %d pages of tags, narrow the policy down to another repository"
                .formatted(repository, PAGES_MAX));
      }
      try (Opened opened = registry.open(page.get())) {
        JsonNode answer = JSON.readTree(opened.body().readNBytes(PAGE_BYTES_MAX));
        answer.path("tags").forEach(tag -> tags.add(tag.asText()));
        page = opened.header("Link").flatMap(link -> next(repository, link));
      }
    }
    return tags;
  }

  private static Optional<RegistryRequest> next(String repository, String link) {
    Matcher matcher = NEXT.matcher(link);
    return matcher.find()
        ? Optional.of(RegistryRequest.tagsPage(repository, matcher.group(1)))
        : Optional.empty();
  }

  /** A registry may leave the digest out of its headers; then the content tells it. */
  private static String digest(RegistryConnection registry, String repository, String tag)
      throws IOException, RegistryFailedException, InterruptedException {
    try (Opened head = registry.open(RegistryRequest.manifestHead(repository, tag))) {
      Optional<String> said = head.header("Docker-Content-Digest");
      if (said.isPresent()) {
        return said.get();
      }
    }
    try (Opened whole = registry.open(RegistryRequest.manifest(repository, tag))) {
      int bytesMax = ImageLimits.DEFAULT.documentBytesMax();
      byte[] content = whole.body().readNBytes(bytesMax + 1);
      if (content.length > bytesMax) {
        throw new IOException(
            "manifest %s of %s is over the limit of %d bytes".formatted(tag, repository, bytesMax));
      }
      return Digest.of(content).toString();
    }
  }
}
