package dev.waybill.cli.build;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerArchive;
import dev.waybill.oci.layer.LayerEntry;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The files of an image, and what COPY makes of them. */
class ImageTreeTest {
  private static final FileAttributes STICKY = FileAttributes.ofMode(01777).ownedBy(7, 8);

  @Test
  void an_upper_layer_hides_what_it_says_is_gone() throws Exception {
    ImageTree tree =
        tree(
            List.of(
                LayerEntry.file("etc/a", ""),
                LayerEntry.file("opt/x/deep", ""),
                LayerEntry.file("var/old", ""),
                LayerEntry.file("was/dir", "")),
            List.of(
                LayerEntry.whiteout("etc/a"),
                LayerEntry.whiteout("opt/x"),
                LayerEntry.opaque("var"),
                LayerEntry.file("var/new", ""),
                LayerEntry.file("was", "a file now")));

    assertThat(tree.entries().keySet()).containsExactly("etc", "opt", "var", "var/new", "was");
  }

  @Test
  void links_are_followed_inside_the_image_only() throws Exception {
    ImageTree tree =
        tree(
            List.of(
                LayerEntry.symbolicLink("bin", "usr/bin"),
                LayerEntry.directory("usr/bin"),
                LayerEntry.symbolicLink("usr/bin/up", "../../../../etc"),
                LayerEntry.symbolicLink("loop", "/loop")));

    assertThat(tree.resolve("/bin/sh")).isEqualTo("usr/bin/sh");
    assertThat(tree.resolve("/bin/up/passwd")).isEqualTo("etc/passwd");
    assertThatThrownBy(() -> tree.resolve("/loop/x")).hasMessageContaining("in a circle");
  }

  @Test
  void a_second_name_of_a_file_has_its_content() throws Exception {
    ImageTree tree = tree(List.of(LayerEntry.file("a", "text"), LayerEntry.hardLink("z/b", "a")));

    try (Workspace workspace = Workspace.open()) {
      var loaded = tree.load(List.of(tree.entry("z/b").orElseThrow()), workspace);
      assertThat(text(loaded.getFirst())).isEqualTo("text");
    }
  }

  @Test
  void a_copy_keeps_the_rights_of_directories_that_are_there() throws Exception {
    ImageTree tree = tree(List.of(new LayerEntry.Directory("tmp", STICKY)));

    List<LayerEntry> copied = copy(tree, List.of("f"), "/tmp/new/");

    assertThat(copied).extracting(LayerEntry::path).containsExactly("tmp", "tmp/new", "tmp/new/f");
    assertThat(copied.getFirst().attributes()).isEqualTo(STICKY);
    assertThat(copied.get(1).attributes().mode()).isEqualTo(0755);
  }

  @Test
  void a_copy_goes_where_a_link_leads() throws Exception {
    ImageTree tree =
        tree(List.of(LayerEntry.symbolicLink("lib", "usr/lib"), LayerEntry.directory("usr/lib")));

    assertThat(copy(tree, List.of("d"), "/"))
        .extracting(LayerEntry::path)
        .contains("usr/lib/inside")
        .doesNotContain("lib/inside");
  }

  @Test
  void the_content_of_a_directory_is_copied_and_a_file_gets_the_destinations_name()
      throws Exception {
    ImageTree tree = tree(List.of());

    assertThat(copy(tree, List.of("d"), "/to"))
        .extracting(LayerEntry::path)
        .containsExactly("to", "to/lib", "to/lib/inside");
    assertThat(copy(tree, List.of("f"), "/to")).extracting(LayerEntry::path).containsExactly("to");
    assertThat(copy(tree, List.of("f"), "/to/"))
        .extracting(LayerEntry::path)
        .containsExactly("to", "to/f");
  }

  @Test
  void what_is_not_there_is_named() {
    assertThatThrownBy(() -> copy(tree(List.of()), List.of("nothing"), "/"))
        .hasMessage("there is no 'nothing' to copy");
  }

  @Test
  void owner_and_mode_are_given_to_all_that_is_copied() throws Exception {
    var plan = new CopyPlan(tree(List.of()), new CopyPlan.Owner(3, 4), Optional.of(0600));

    LayerEntry file = plan.entries(sources(), List.of("f"), "/f").getFirst();

    assertThat(file.attributes()).isEqualTo(FileAttributes.ofMode(0600).ownedBy(3, 4));
  }

  @Test
  void accounts_are_those_of_the_image() throws Exception {
    ImageTree tree =
        tree(
            List.of(
                LayerEntry.file("etc/passwd", "root:x:0:0::/:\napp:x:100:101::/:\n"),
                LayerEntry.file("etc/group", "staff:x:50:\n")));
    try (Workspace workspace = Workspace.open()) {
      var accounts = new Accounts(tree, workspace);

      assertThat(accounts.owner("app")).isEqualTo(new CopyPlan.Owner(100, 101));
      assertThat(accounts.owner("app:staff")).isEqualTo(new CopyPlan.Owner(100, 50));
      assertThat(accounts.owner("9")).isEqualTo(new CopyPlan.Owner(9, 9));
      assertThatThrownBy(() -> accounts.owner("who")).hasMessage("the image has no user 'who'");
    }
  }

  private static Map<String, LayerEntry> sources() {
    Map<String, LayerEntry> sources = new TreeMap<>();
    for (LayerEntry entry :
        List.of(
            LayerEntry.file("f", "text"),
            LayerEntry.directory("d"),
            LayerEntry.directory("d/lib"),
            LayerEntry.file("d/lib/inside", "text"))) {
      sources.put(entry.path(), entry);
    }
    return sources;
  }

  private static List<LayerEntry> copy(ImageTree tree, List<String> from, String to) {
    return new CopyPlan(tree, CopyPlan.Owner.ROOT, Optional.empty()).entries(sources(), from, to);
  }

  @SafeVarargs
  private static ImageTree tree(List<LayerEntry>... layers) throws IOException {
    var tree = new ImageTree();
    for (List<LayerEntry> layer : layers) {
      var out = new ByteArrayOutputStream();
      LayerArchive.write(layer, out);
      tree.add(() -> new ByteArrayInputStream(out.toByteArray()));
    }
    return tree;
  }

  private static String text(LayerEntry entry) throws IOException {
    FileContent content = ((LayerEntry.RegularFile) entry).content();
    try (InputStream in = content.open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
