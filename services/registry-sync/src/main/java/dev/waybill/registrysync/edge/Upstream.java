package dev.waybill.registrysync.edge;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.waybill.contracts.tags.TagSelection;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.RegistryRequest;
import dev.waybill.oci.image.ImageLimits;
import dev.waybill.oci.image.Reference;
import dev.waybill.registryclient.Credentials;
import dev.waybill.registryclient.RegistryConnection;
import dev.waybill.registryclient.RegistryConnection.Opened;
import dev.waybill.registryclient.RegistryFailedException;
import dev.waybill.registryclient.Transport;
import dev.waybill.registrysync.mirror.Allowance;
import dev.waybill.registrysync.policy.Policy;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Looks at upstream repositories: which tags are there, and what does each name. */
final class Upstream {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int PAGE = 1000;
  private static final int FOUND_MAX = 2000;
  private static final int PAGES_MAX = 100;
  private static final int PAGE_BYTES_MAX = 1024 * 1024;
  private static final String BELOW = "/*";
  private static final Pattern NEXT = Pattern.compile("<([^>]+)>\\s*;\\s*rel=\"?next\"?");

  private final Transport transport;
  private final Credentials credentials;
  private final OwnRegistry own;

  /**
   * @param own has what was copied
   */
  Upstream(Transport transport, Credentials credentials, OwnRegistry own) {
    this.transport = transport;
    this.credentials = credentials;
    this.own = own;
  }

  /**
   * What a look found.
   *
   * @param found the tags that the policy wants, as complete references, with what they name now
   * @param seen tags that the upstream has
   * @param young how many of {@code found} must be known for longer
   * @param allowance what the registry says it will still answer
   */
  record Listing(
      TreeMap<String, Named> found, int seen, int young, Optional<Allowance> allowance) {}

  /**
   * What a tag names.
   *
   * @param proofs identifies the documents that the upstream has about it; empty if it has none
   */
  record Named(String digest, String proofs) {}

  /** Says whether a tag with this digest is known for long enough: reference, digest. */
  interface Age {
    boolean isEnough(String reference, String digest);
  }

  /**
   * The tags that {@code policy} wants, each with the digest it names now. With a limit on their
   * number it asks from the newest on, until so many are old enough.
   *
   * @throws IOException if the registry breaks off, or answers what it shouldn't
   */
  Listing look(Policy policy, Age age)
      throws IOException, RegistryFailedException, InterruptedException {
    String repository = policy.set().getUpstream();
    if (repository.endsWith(BELOW)) {
      throw new IOException(
          "%s names many repositories, which can be allowed but not mirrored; set a policy for each"
              .formatted(repository));
    }
    Reference any = Reference.parse(repository + ":latest");
    var registry =
        new RegistryConnection(
            transport, any.apiHost(), credentials.forHost(any.host(), policy.set().getNamespace()));
    List<String> all = tags(registry, any.repository());
    List<String> meant =
        // Not the total form: a filter that means nothing would have all of the mirror pruned.
        TagSelection.of(policy.set().getTags(), policy.set().getFilter())
            .newestFirst(all.stream().filter(Reference::isTag).toList());
    int latest = policy.set().getFilter().getLatest();
    MirroredManifests mirrored = MirroredManifests.of(any, own.open(transport));
    var proofs = new ProofListing(registry, any.repository(), all, mirrored);
    var found = new TreeMap<String, Named>();
    int old = 0;
    Optional<Allowance> allowance = Optional.empty();
    for (String tag : meant) {
      if (latest > 0 && old == latest) {
        break;
      }
      requireRoom(found.size(), repository);
      Answer named = named(registry, any.repository(), tag);
      allowance = named.allowance().or(keep(allowance));
      String reference = any.host() + "/" + any.repository() + ":" + tag;
      found.put(reference, new Named(named.digest(), proofs.about(named.digest())));
      old += age.isEnough(reference, named.digest()) ? 1 : 0;
    }
    return new Listing(found, all.size(), found.size() - old, allowance);
  }

  private static Supplier<Optional<Allowance>> keep(Optional<Allowance> known) {
    return () -> known;
  }

  private static void requireRoom(int found, String repository) throws IOException {
    if (found == FOUND_MAX) {
      throw new IOException(
          "the policy means more than %d tags of %s, narrow it down with --semver or --latest"
              .formatted(FOUND_MAX, repository));
    }
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

  /** What a tag names, and what the registry said beside it. */
  private record Answer(String digest, Optional<Allowance> allowance) {}

  /** A registry may leave the digest out of its headers; then the content tells it. */
  private static Answer named(RegistryConnection registry, String repository, String tag)
      throws IOException, RegistryFailedException, InterruptedException {
    Optional<Allowance> allowance;
    try (Opened head = registry.open(RegistryRequest.manifestHead(repository, tag))) {
      Optional<String> said = head.header("Docker-Content-Digest");
      allowance = Allowance.read(head::header);
      if (said.isPresent()) {
        return new Answer(said.get(), allowance);
      }
    }
    try (Opened whole = registry.open(RegistryRequest.manifest(repository, tag))) {
      int bytesMax = ImageLimits.DEFAULT.documentBytesMax();
      byte[] content = whole.body().readNBytes(bytesMax + 1);
      if (content.length > bytesMax) {
        throw new IOException(
            "manifest %s of %s is over the limit of %d bytes".formatted(tag, repository, bytesMax));
      }
      return new Answer(
          Digest.of(content).toString(), Allowance.read(whole::header).or(keep(allowance)));
    }
  }
}
