package dev.waybill.image.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import dev.waybill.image.catalog.Resolution.Here;
import dev.waybill.image.catalog.Resolution.Nowhere;
import dev.waybill.image.catalog.Resolution.Upstream;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.image.Descriptor;
import dev.waybill.oci.image.Manifest;
import dev.waybill.oci.image.MediaTypes;
import dev.waybill.oci.image.Reference;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResolutionPlannerTest {
  private static final String OWN = "127.0.0.1:5555";
  private static final ManifestEntry ENTRY = entry();

  private final ResolutionPlanner planner = new ResolutionPlanner(OWN::equals);

  @Test
  void a_name_without_a_host_is_looked_for_among_pushed_images_first() {
    Catalog pushed = holding("web", "v1");

    assertThat(plan(pushed, "web:v1", PullPolicy.MISSING)).isEqualTo(new Here("web", ENTRY));
    assertThat(plan(pushed, "web:v1", PullPolicy.ALWAYS))
        .as("a pushed image has no upstream to ask")
        .isEqualTo(new Here("web", ENTRY));
    assertThat(plan(pushed, OWN + "/web:v1", PullPolicy.MISSING)).isEqualTo(new Here("web", ENTRY));
  }

  @Test
  void a_name_with_the_default_host_written_out_is_not_a_pushed_image() {
    assertThat(plan(holding("web", "v1"), "docker.io/web:v1", PullPolicy.MISSING))
        .isEqualTo(new Upstream("mirror/docker.io/library/web", Optional.empty()));
  }

  @Test
  void our_own_host_names_nothing_elsewhere() {
    assertThat(plan(Catalog.EMPTY, OWN + "/web", PullPolicy.ALWAYS)).isInstanceOf(Nowhere.class);
  }

  @Test
  void a_mirrored_tag_is_asked_for_again_only_if_the_policy_is_always() {
    Catalog mirrored = holding("mirror/127.0.0.1_5000/team/app", "v1");
    String name = "127.0.0.1:5000/team/app:v1";

    assertThat(plan(mirrored, name, PullPolicy.MISSING)).isInstanceOf(Here.class);
    assertThat(plan(mirrored, name, PullPolicy.NEVER)).isInstanceOf(Here.class);
    assertThat(plan(mirrored, name, PullPolicy.ALWAYS))
        .isEqualTo(new Upstream("mirror/127.0.0.1_5000/team/app", Optional.of(ENTRY)));
  }

  @Test
  void a_mirrored_digest_is_never_asked_for_again() {
    Catalog mirrored = holding("mirror/127.0.0.1_5000/team/app", "v1");

    assertThat(plan(mirrored, "127.0.0.1:5000/team/app@" + ENTRY.digest(), PullPolicy.ALWAYS))
        .isInstanceOf(Here.class);
  }

  @Test
  void what_is_not_here_and_may_not_be_pulled_is_nowhere_with_the_remedy() {
    assertThat(plan(Catalog.EMPTY, "web", PullPolicy.NEVER))
        .isEqualTo(
            new Nowhere(
                "image docker.io/library/web:latest is not here and the policy is never to pull"
                    + " it; pull it first"));
  }

  @Test
  void the_name_of_a_mirror_is_a_legal_repository() {
    String mirror = MirrorName.of(Reference.parse("127.0.0.1:5000/team/app"));

    assertThat(mirror).isEqualTo("mirror/127.0.0.1_5000/team/app");
    assertThat(Reference.isRepository(mirror)).isTrue();
  }

  private Resolution plan(Catalog catalog, String name, PullPolicy policy) {
    return planner.plan(catalog, Reference.parse(name), policy);
  }

  private static Catalog holding(String repository, String tag) {
    return Catalog.EMPTY.evolve(
        List.of(
            new CatalogChange.ManifestPut(repository, ENTRY),
            new CatalogChange.Tagged(repository, tag, ENTRY.digest(), Optional.empty())));
  }

  private static ManifestEntry entry() {
    Digest config = Digest.of(new byte[0]);
    return ManifestEntry.of(
        Manifest.oci(Descriptor.of(MediaTypes.OCI_CONFIG, config, 0), List.of()), new byte[] {1});
  }
}
