package dev.waybill.registryclient;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Log-ins in a file of which only the passwords are encrypted, so that what there is can be listed
 * without the key. One process writes it, others read; the file is replaced as a whole, so a reader
 * sees it before or after a change. It is read for every question: pulls are rare, and a changed
 * password counts from the next one on.
 *
 * <p>A log-in belongs to a namespace, or to all where that is empty; a namespace's own one wins.
 */
public final class SealedLogins implements Credentials {
  /** Log-ins in one file. */
  public static final int LOGINS_MAX = 1000;

  private static final ObjectMapper MAPPER = new ObjectMapper();

  private final Path file;
  private final Path keyFile;

  /**
   * @param file which need not be there yet
   * @param keyFile with 64 hexadecimal digits, readable by its owner alone
   */
  public SealedLogins(Path file, Path keyFile) {
    this.file = file;
    this.keyFile = keyFile;
  }

  /**
   * A log-in without what is secret about it.
   *
   * @param revision of the file with which it came
   */
  public record Entry(String host, String namespace, String user, long revision) {}

  private record Sealed(Entry entry, String sealed) {}

  private record Content(
      @JsonProperty("revision") long revision, @JsonProperty("logins") List<Sealed> logins) {
    static final Content NONE = new Content(0, List.of());

    List<Sealed> without(String host, String namespace) {
      var kept = new ArrayList<>(logins);
      kept.removeIf(login -> isFor(login, host, namespace));
      return kept;
    }
  }

  private static boolean isFor(Sealed login, String host, String namespace) {
    return login.entry().host().equals(host) && login.entry().namespace().equals(namespace);
  }

  @Override
  public Optional<Login> forHost(String host) {
    return forHost(host, "");
  }

  @Override
  public Optional<Login> forHost(String host, String namespace) {
    List<Sealed> logins = read().logins();
    return find(logins, host, namespace).or(() -> find(logins, host, "")).map(this::opened);
  }

  private static Optional<Sealed> find(List<Sealed> logins, String host, String namespace) {
    return logins.stream().filter(login -> isFor(login, host, namespace)).findFirst();
  }

  private Login opened(Sealed login) {
    Entry entry = login.entry();
    return new Login(entry.user(), key().open(login.sealed(), context(entry)));
  }

  /** Binds a password to its entry, so that nobody can move it to another host. */
  private static String context(Entry entry) {
    return entry.host() + "\n" + entry.namespace() + "\n" + entry.user();
  }

  /** What there is, by host and namespace. */
  public List<Entry> list() {
    return read().logins().stream()
        .map(Sealed::entry)
        .sorted(Comparator.comparing(Entry::host).thenComparing(Entry::namespace))
        .toList();
  }

  /**
   * Puts a log-in in the place of the one before.
   *
   * @throws IllegalStateException if there is no room for another
   */
  public synchronized void put(String host, String namespace, Login login) throws IOException {
    Content now = read();
    List<Sealed> logins = now.without(host, namespace);
    if (logins.size() == LOGINS_MAX) {
      throw new IllegalStateException(
          "there are %d log-ins already, remove one with 'waybill registry logout'"
              .formatted(LOGINS_MAX));
    }
    Entry entry = new Entry(host, namespace, login.user(), now.revision() + 1);
    logins.add(new Sealed(entry, key().seal(login.password(), context(entry))));
    write(new Content(entry.revision(), logins));
  }

  /** Takes a log-in out, and says whether there was one. */
  public synchronized boolean remove(String host, String namespace) throws IOException {
    Content now = read();
    List<Sealed> logins = now.without(host, namespace);
    if (logins.size() == now.logins().size()) {
      return false;
    }
    write(new Content(now.revision() + 1, logins));
    return true;
  }

  private SealingKey key() {
    return SealingKey.read(keyFile);
  }

  private Content read() {
    try {
      return MAPPER.readValue(Files.readAllBytes(file), Content.class);
    } catch (NoSuchFileException e) {
      return Content.NONE;
    } catch (IOException e) {
      throw new CredentialsUnusableException("cannot read the log-ins in " + file, e);
    }
  }

  private void write(Content content) throws IOException {
    Path temporary = file.resolveSibling(file.getFileName() + ".new");
    Files.deleteIfExists(temporary);
    Files.createFile(
        temporary,
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    Files.write(temporary, MAPPER.writeValueAsString(content).getBytes(StandardCharsets.UTF_8));
    try (FileChannel channel = FileChannel.open(temporary, StandardOpenOption.WRITE)) {
      channel.force(true);
    }
    Files.move(
        temporary, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }
}
