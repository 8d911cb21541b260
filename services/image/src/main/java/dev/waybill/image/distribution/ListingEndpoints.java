package dev.waybill.image.distribution;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.waybill.image.catalog.LiveCatalog;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.catalog.Repository;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.ImageIndex;
import dev.waybill.oci.image.ImageWriter;
import dev.waybill.oci.image.MediaTypes;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/** What there is: repositories, tags, and documents about a document. */
final class ListingEndpoints {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final LiveCatalog catalog;
  private final RegistryLimits limits;

  ListingEndpoints(LiveCatalog catalog, RegistryLimits limits) {
    this.catalog = catalog;
    this.limits = limits;
  }

  RegistryReply repositories(Incoming request) {
    Collection<String> all = catalog.current().repositories().keySet();
    ObjectNode body = JsonNodeFactory.instance.objectNode();
    return page("/v2/_catalog", all, body, "repositories", request);
  }

  RegistryReply tags(String repository, Incoming request) {
    Optional<Repository> found = catalog.current().repository(repository);
    if (found.isEmpty()) {
      return RegistryReply.error(ErrorCode.NAME_UNKNOWN, "no repository " + repository);
    }
    ObjectNode body = JsonNodeFactory.instance.objectNode().put("name", repository);
    return page(
        "/v2/" + repository + "/tags/list", found.get().tags().keySet(), body, "tags", request);
  }

  private RegistryReply page(
      String path, Collection<String> sorted, ObjectNode body, String field, Incoming request) {
    int wanted = limits.listingMax();
    Optional<String> n = request.query("n");
    if (n.isPresent()) {
      if (!n.get().matches("[0-9]{1,9}")) {
        return RegistryReply.error(
            400, ErrorCode.UNSUPPORTED, "n must be a whole number, not '" + n.get() + "'");
      }
      wanted = Math.min(Integer.parseInt(n.get()), limits.listingMax());
    }
    String last = request.query("last").orElse("");
    List<String> rest = sorted.stream().filter(name -> name.compareTo(last) > 0).toList();
    List<String> shown = rest.subList(0, Math.min(wanted, rest.size()));
    ArrayNode names = body.putArray(field);
    shown.forEach(names::add);
    RegistryReply reply = RegistryReply.json(200, bytes(body));
    if (shown.size() == rest.size() || shown.isEmpty()) {
      return reply;
    }
    String next = URLEncoder.encode(shown.getLast(), StandardCharsets.UTF_8);
    return reply.with("Link", "<" + path + "?n=" + wanted + "&last=" + next + ">; rel=\"next\"");
  }

  RegistryReply referrers(String repository, Digest subject, Incoming request) {
    Optional<String> wanted = request.query("artifactType").filter(type -> !type.isEmpty());
    List<Descriptor> entries =
        catalog
            .current()
            .repository(repository)
            .map(found -> found.referrers(subject))
            .orElse(List.of())
            .stream()
            .map(ManifestEntry::asReferrer)
            .filter(entry -> wanted.isEmpty() || wanted.get().equals(entry.artifactType()))
            .toList();
    RegistryReply reply =
        RegistryReply.json(200, ImageWriter.write(ImageIndex.oci(entries)))
            .with("Content-Type", MediaTypes.OCI_INDEX);
    return wanted.isPresent() ? reply.with("OCI-Filters-Applied", "artifactType") : reply;
  }

  private static byte[] bytes(ObjectNode node) {
    try {
      return MAPPER.writeValueAsBytes(node);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a tree in memory can always be written", e);
    }
  }
}
