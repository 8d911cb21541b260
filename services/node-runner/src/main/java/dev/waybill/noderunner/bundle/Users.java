package dev.waybill.noderunner.bundle;

import dev.waybill.oci.runtime.ContainerProcess;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Users as an image names them: {@code name}, {@code uid}, each with an optional {@code :group}.
 *
 * @see <a href="https://man7.org/linux/man-pages/man5/passwd.5.html">passwd(5)</a>
 */
final class Users {
  private static final long ID_MAX = 0xFFFF_FFFEL;

  /** Who a process runs as, with the home that its environment should name. */
  record Identity(ContainerProcess.User user, String home) {}

  private final List<String[]> passwd;
  private final List<String[]> group;

  /** From the texts of the container's own files; empty where it has none. */
  Users(String passwd, String group) {
    this.passwd = rows(passwd, 6);
    this.group = rows(group, 4);
  }

  private static List<String[]> rows(String text, int columnsMin) {
    return text.lines()
        .map(line -> line.split(":", -1))
        .filter(columns -> columns.length >= columnsMin)
        .toList();
  }

  /**
   * @throws BundleException if a name is in no file of the image
   */
  Identity resolve(String wish) throws BundleException {
    String[] parts = wish.isEmpty() ? new String[] {"0"} : wish.split(":", 2);
    Optional<String[]> row = find(passwd, parts[0]);
    Optional<Long> number = id(parts[0]);
    if (row.isEmpty() && number.isEmpty()) {
      throw new BundleException(
          BundleException.INVALID,
          "the image has no user '%s' in /etc/passwd, use a number".formatted(parts[0]));
    }
    long uid = number.or(() -> row.flatMap(r -> id(r[2]))).orElse(0L);
    long gid =
        parts.length > 1 ? groupId(parts[1]) : row.flatMap(columns -> id(columns[3])).orElse(0L);
    List<Long> others =
        parts.length > 1 ? List.of() : supplementary(row.map(columns -> columns[0]).orElse(""));
    String home = row.map(columns -> columns[5]).filter(h -> !h.isEmpty()).orElse("/");
    return new Identity(new ContainerProcess.User(uid, gid, null, others), home);
  }

  private long groupId(String wish) throws BundleException {
    Optional<Long> known = id(wish).or(() -> find(group, wish).flatMap(row -> id(row[2])));
    if (known.isEmpty()) {
      throw new BundleException(
          BundleException.INVALID,
          "the image has no group '%s' in /etc/group, use a number".formatted(wish));
    }
    return known.get();
  }

  private List<Long> supplementary(String user) {
    var ids = new ArrayList<Long>();
    for (String[] row : group) {
      if (!user.isEmpty() && List.of(row[3].split(",", -1)).contains(user)) {
        id(row[2]).ifPresent(ids::add);
      }
    }
    return ids;
  }

  private static Optional<String[]> find(List<String[]> rows, String key) {
    return rows.stream().filter(row -> row[0].equals(key) || row[2].equals(key)).findFirst();
  }

  private static Optional<Long> id(String text) {
    if (text.isEmpty() || text.length() > 10 || !text.chars().allMatch(Character::isDigit)) {
      return Optional.empty();
    }
    return Optional.of(Long.parseLong(text)).filter(id -> id <= ID_MAX);
  }
}
