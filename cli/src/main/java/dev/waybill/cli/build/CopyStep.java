package dev.waybill.cli.build;

import dev.waybill.cli.build.CopyPlan.Owner;
import dev.waybill.cli.build.dockerfile.Instruction;
import dev.waybill.cli.build.dockerfile.Instruction.HereDocument;
import dev.waybill.cli.build.dockerfile.Words;
import dev.waybill.oci.layer.FileAttributes;
import dev.waybill.oci.layer.FileContent;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Function;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/** COPY and ADD: the entries of the layer that they make. */
final class CopyStep {
  private static final Set<String> COPY_FLAGS = Set.of("from", "chown", "chmod", "link");
  private static final Set<String> ADD_FLAGS = Set.of("chown", "chmod", "link");

  private final Build build;
  private final int stage;
  private final ImageDraft draft;
  private final ImageTree tree;
  private final Function<String, Optional<String>> variables;

  CopyStep(
      Build build,
      int stage,
      ImageDraft draft,
      ImageTree tree,
      Function<String, Optional<String>> variables) {
    this.build = build;
    this.stage = stage;
    this.draft = draft;
    this.tree = tree;
    this.variables = variables;
  }

  List<LayerEntry> of(Instruction i) throws IOException {
    boolean isAdd = i.name().equals("ADD");
    i.requireFlags(isAdd ? ADD_FLAGS : COPY_FLAGS);
    List<String> words = new ArrayList<>(i.array().orElseGet(() -> split(i.text())));
    if (words.size() < 2) {
      throw i.error(i.name() + " needs a source and a destination");
    }
    String last = words.removeLast();
    String destination = absolute(draft.workingDir(), last);
    if (words.size() > 1 && !last.endsWith("/")) {
      throw i.error("several sources need a directory to go to: '%s/'".formatted(last));
    }
    CopyPlan plan = new CopyPlan(tree, owner(i), mode(i));
    String from = i.flags().getOrDefault("from", "");
    if (!from.isEmpty()) {
      ImageTree source = build.image(Words.expand(from, variables), stage).tree();
      return source.load(plan.entries(source.entries(), words, destination), build.workspace());
    }
    Map<String, LayerEntry> files = new TreeMap<>(build.options().context().entries());
    documents(i).forEach((name, file) -> files.put(name, file));
    List<String> sources = words.stream().map(word -> word.replaceFirst("^<<-?", "")).toList();
    return isAdd
        ? added(plan, files, sources, destination)
        : plan.entries(files, sources, destination);
  }

  private List<String> split(String text) {
    return Words.split(text, variables);
  }

  private Map<String, LayerEntry> documents(Instruction i) {
    Map<String, LayerEntry> files = new TreeMap<>();
    i.documents()
        .forEach((name, document) -> files.put(name, LayerEntry.file(name, text(document))));
    return files;
  }

  private String text(HereDocument document) {
    return document.literal() ? document.text() : Words.substitute(document.text(), variables);
  }

  /** A path as an instruction means it; a slash at the end stays. */
  static String absolute(String directory, String path) {
    Path at = Path.of(directory).resolve(path).normalize();
    return path.endsWith("/") || path.equals(".") ? at + "/" : at.toString();
  }

  private Owner owner(Instruction i) throws IOException {
    String text = Words.expand(i.flags().getOrDefault("chown", ""), variables);
    return text.isEmpty() ? Owner.ROOT : new Accounts(tree, build.workspace()).owner(text);
  }

  private static Optional<Integer> mode(Instruction i) {
    String text = i.flags().getOrDefault("chmod", "");
    if (text.isEmpty()) {
      return Optional.empty();
    }
    if (!text.matches("[0-7]{3,4}")) {
      throw i.error("--chmod takes an octal mode like 0755, not '%s'".formatted(text));
    }
    return Optional.of(Integer.parseInt(text, 8));
  }

  /** Archives are unpacked, whatever their names are; everything else is copied. */
  private List<LayerEntry> added(
      CopyPlan plan, Map<String, LayerEntry> files, List<String> sources, String destination)
      throws IOException {
    var plain = new ArrayList<String>();
    Map<String, LayerEntry> all = new TreeMap<>();
    for (String source : sources) {
      if (source.matches("(?i)(https?|git|ssh)://.*")) {
        throw new IllegalArgumentException(
            "ADD of an address is not done here: its content may change; fetch it before, or in RUN");
      }
      if (files.get(source.replaceFirst("^(\\./|/)", "")) instanceof LayerEntry.RegularFile file
          && isArchive(file)) {
        put(all, plan.entries(unpacked(file), List.of(""), destination));
      } else {
        plain.add(source);
      }
    }
    if (!plain.isEmpty()) {
      put(all, plan.entries(files, plain, destination));
    }
    return List.copyOf(all.values());
  }

  private static void put(Map<String, LayerEntry> all, List<LayerEntry> entries) {
    entries.forEach(entry -> all.put(entry.path(), entry));
  }

  private static boolean isArchive(LayerEntry.RegularFile file) throws IOException {
    try (InputStream in = file.content().open()) {
      return LayerArchives.isTar(in);
    }
  }

  private Map<String, LayerEntry> unpacked(LayerEntry.RegularFile archive) throws IOException {
    Map<String, LayerEntry> entries = new TreeMap<>();
    try (InputStream in = archive.content().open();
        var tar = new TarArchiveInputStream(LayerArchives.unpacked(in))) {
      for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
        String path = TarEntries.path(entry);
        if (path.isEmpty()) {
          continue;
        }
        FileAttributes attributes = TarEntries.attributes(entry);
        FileContent content =
            entry.isFile() && !entry.isLink()
                ? build.workspace().keep(tar)
                : FileContent.of(new byte[0]);
        LayerEntry made = TarEntries.of(entry, path, attributes, content);
        entries.put(path, made instanceof LayerEntry.HardLink link ? first(entries, link) : made);
      }
    }
    return entries;
  }

  /** Another name is copied as a file of its own. */
  private static LayerEntry first(Map<String, LayerEntry> entries, LayerEntry.HardLink link) {
    if (entries.get(link.target()) instanceof LayerEntry.RegularFile file) {
      return new LayerEntry.RegularFile(link.path(), file.attributes(), file.content());
    }
    throw new IllegalArgumentException(
        "the archive has a link '%s' to '%s', which is no file"
            .formatted(link.path(), link.target()));
  }
}
