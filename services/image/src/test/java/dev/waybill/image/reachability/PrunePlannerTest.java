package dev.waybill.image.reachability;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.Catalog;
import dev.waybill.image.catalog.CatalogChange;
import dev.waybill.image.catalog.CatalogChange.BlobLinked;
import dev.waybill.image.catalog.CatalogChange.ManifestPut;
import dev.waybill.image.catalog.CatalogChange.Tagged;
import dev.waybill.image.catalog.ManifestEntry;
import dev.waybill.image.reachability.PrunePlanner.Plan;
import dev.waybill.image.reachability.PrunePlanner.Removal;
import dev.waybill.image.reachability.PrunePlanner.Roots;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.MediaTypes;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class PrunePlannerTest {
  private static final Instant NOW = Instant.parse("2026-11-24T12:00:00Z");
  private static final Instant BEFORE = NOW.minusSeconds(3600);
  private final List<CatalogChange> changes = new ArrayList<>();
  private final TreeSet<Digest> stored = new TreeSet<>();

  @Test
  void what_a_tag_names_stays_and_what_it_named_before_goes_with_its_blobs() {
    Digest old = manifest("app", "old");
    Digest current = manifest("app", "new");
    tag("app", "v1", current);

    Plan plan = plan(Set.of());

    assertThat(plan.removals()).containsExactly(new Removal("app", old, List.of()));
    assertThat(plan.garbage()).containsExactlyInAnyOrder(old, blob("old"));
  }

  @Test
  void what_is_needed_stays_with_its_index_its_siblings_and_its_signature() {
    Digest amd64 = manifest("app", "amd64");
    Digest arm64 = manifest("app", "arm64");
    Digest index = index("app", amd64, arm64);
    Digest signature = about("app", "signature", amd64);

    assertThat(plan(Set.of(amd64)).removals()).isEmpty();
    assertThat(plan(Set.of()).removals())
        .extracting(Removal::digest)
        .containsExactlyInAnyOrder(amd64, arm64, index, signature);
  }

  @Test
  void a_blob_that_another_image_needs_stays() {
    manifest("app", "shared");
    Digest other = manifest("other", "shared");
    tag("other", "v1", other);

    Plan plan = plan(Set.of());

    assertThat(plan.removals()).extracting(Removal::repository).containsExactly("app");
    assertThat(plan.garbage()).isEmpty();
  }

  @Test
  void intermediate_images_go_by_age_whatever_their_tags_unless_one_is_needed() {
    Digest one = manifest(PrunePlanner.BUILDS, "one");
    Digest two = manifest(PrunePlanner.BUILDS, "two");
    tag(PrunePlanner.BUILDS, "step-1", one);
    tag(PrunePlanner.BUILDS, "step-2", two);

    assertThat(plan(roots(Set.of(), Set.of(), Optional.empty())).removals()).isEmpty();
    assertThat(plan(roots(Set.of(), Set.of(), Optional.of(BEFORE))).removals()).isEmpty();
    assertThat(plan(roots(Set.of(two), Set.of(), Optional.of(NOW))).removals())
        .containsExactly(new Removal(PrunePlanner.BUILDS, one, List.of("step-1")));
  }

  @Test
  void what_is_young_or_under_way_stays() {
    Digest fresh = manifest("app", "fresh");

    assertThat(plan(new Roots(Set.of(), Set.of(), BEFORE, Optional.empty())).removals()).isEmpty();
    assertThat(plan(roots(Set.of(), Set.of(fresh), Optional.empty())).removals()).isEmpty();
    assertThat(plan(Set.of()).removals()).hasSize(1);
  }

  @Test
  void a_plan_that_is_carried_out_leaves_nothing_to_do() {
    manifest("app", "old");
    tag("app", "v1", manifest("app", "new"));
    Catalog before = catalog();
    Plan plan = plan(Set.of());

    Catalog after = before.evolve(plan.changes());
    stored.removeAll(plan.garbage());

    Plan again =
        PrunePlanner.plan(
            after, stored, roots(Set.of(), Set.of(), Optional.empty()), (_, _) -> BEFORE);
    assertThat(again.removals()).isEmpty();
    assertThat(again.garbage()).isEmpty();
    assertThat(Reachability.reachable(after)).isSubsetOf(stored);
  }

  private Plan plan(Set<Digest> needed) {
    return plan(roots(needed, Set.of(), Optional.empty()));
  }

  private Plan plan(Roots roots) {
    return PrunePlanner.plan(catalog(), stored, roots, (_, _) -> BEFORE);
  }

  private static Roots roots(Set<Digest> needed, Set<Digest> leased, Optional<Instant> builds) {
    return new Roots(needed, leased, NOW, builds);
  }

  private Catalog catalog() {
    return Catalog.EMPTY.evolve(changes);
  }

  private Digest manifest(String repository, String text) {
    return put(repository, text, MediaTypes.OCI_MANIFEST, List.of(blob(text)), null);
  }

  private Digest about(String repository, String text, Digest subject) {
    return put(repository, text, MediaTypes.OCI_MANIFEST, List.of(blob(text)), subject);
  }

  private Digest index(String repository, Digest... manifests) {
    return put(repository, "index", MediaTypes.OCI_INDEX, List.of(manifests), null);
  }

  private Digest put(
      String repository, String text, String type, List<Digest> children, Digest subject) {
    Digest digest = digest("manifest " + text);
    List<Descriptor> named =
        children.stream().map(child -> Descriptor.of(MediaTypes.OCI_LAYER_TAR, child, 1)).toList();
    stored.add(digest);
    stored.addAll(children);
    if (type.equals(MediaTypes.OCI_MANIFEST)) {
      children.forEach(child -> changes.add(new BlobLinked(repository, child, 1)));
    }
    changes.add(
        new ManifestPut(
            repository, new ManifestEntry(digest, type, 1, named, subject, null, new TreeMap<>())));
    return digest;
  }

  private void tag(String repository, String tag, Digest digest) {
    changes.add(new Tagged(repository, tag, digest, Optional.empty()));
  }

  private static Digest blob(String text) {
    return digest("blob " + text);
  }

  private static Digest digest(String text) {
    return Digest.of(text.getBytes(StandardCharsets.UTF_8));
  }
}
