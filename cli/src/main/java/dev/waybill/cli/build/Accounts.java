package dev.waybill.cli.build;

import dev.waybill.cli.build.CopyPlan.Owner;
import dev.waybill.oci.layer.LayerEntry;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/** Users and groups of an image, by its {@code /etc/passwd} and {@code /etc/group}. */
final class Accounts {
  private static final int UID = 2;
  private static final int GID = 3;

  private final ImageTree tree;
  private final Workspace workspace;

  Accounts(ImageTree tree, Workspace workspace) {
    this.tree = tree;
    this.workspace = workspace;
  }

  /**
   * What {@code --chown} means.
   *
   * @param text {@code user[:group]}, by names or numbers; without a group it is the user's
   */
  Owner owner(String text) throws IOException {
    String[] parts = text.split(":", 2);
    Optional<String[]> user = isNumber(parts[0]) ? Optional.empty() : find("passwd", parts[0]);
    if (user.isEmpty() && !isNumber(parts[0])) {
      throw new IllegalArgumentException("the image has no user '" + parts[0] + "'");
    }
    long uid = Long.parseLong(user.map(fields -> fields[UID]).orElse(parts[0]));
    if (parts.length == 1) {
      return new Owner(uid, user.map(fields -> Long.parseLong(fields[GID])).orElse(uid));
    }
    if (isNumber(parts[1])) {
      return new Owner(uid, Long.parseLong(parts[1]));
    }
    String[] group =
        find("group", parts[1])
            .orElseThrow(
                () -> new IllegalArgumentException("the image has no group '" + parts[1] + "'"));
    return new Owner(uid, Long.parseLong(group[UID]));
  }

  private static boolean isNumber(String text) {
    return text.matches("\\d{1,10}");
  }

  private Optional<String[]> find(String file, String name) throws IOException {
    LayerEntry entry = tree.entry(tree.resolve("/etc/" + file)).orElse(null);
    if (entry == null
        || !(tree.load(List.of(entry), workspace).getFirst()
            instanceof LayerEntry.RegularFile regular)) {
      return Optional.empty();
    }
    try (InputStream in = regular.content().open()) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .map(line -> line.split(":", -1))
          .filter(fields -> fields.length > GID && fields[0].equals(name))
          .findFirst();
    }
  }
}
