package dev.waybill.registryclient;

import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.jspecify.annotations.Nullable;

/**
 * The certificate authorities that are trusted for one registry beside those of the system: {@code
 * DIRECTORY/host[:port]/NAME.crt}, as other container tools have them. A registry that has a
 * directory there is spoken to over TLS, even on the loopback address.
 */
public final class Certificates {
  private final Optional<Path> directory;
  private final Map<String, Trusting> clients = new ConcurrentHashMap<>();

  private Certificates(Optional<Path> directory) {
    this.directory = directory;
  }

  /** None but the system's. */
  public static Certificates ofSystem() {
    return new Certificates(Optional.empty());
  }

  /** Those in this directory too; what changes in it is seen with the next request. */
  public static Certificates in(Path directory) {
    return new Certificates(Optional.of(directory));
  }

  /** A client that was made when the files had these times. */
  private record Trusting(Map<Path, FileTime> files, HttpClient client) {}

  /** Whether there is something about this {@code host[:port]}. */
  boolean know(String authority) {
    // What a redirect names is not ours to have as a path.
    return !authority.startsWith(".")
        && directory.filter(root -> Files.isDirectory(root.resolve(authority))).isPresent();
  }

  /**
   * A client that trusts what is to be trusted for this host; nothing where the system's is right.
   *
   * @throws IOException if the certificates can't be read
   */
  Optional<HttpClient> client(String authority, HttpClient.Builder settings) throws IOException {
    if (!know(authority)) {
      return Optional.empty();
    }
    Map<Path, FileTime> files = files(directory.orElseThrow().resolve(authority));
    Trusting known = clients.get(authority);
    if (known == null || !known.files().equals(files)) {
      known = new Trusting(files, settings.sslContext(context(files.keySet())).build());
      Trusting before = clients.put(authority, known);
      if (before != null) {
        before.client().shutdown(); // What is under way goes on.
      }
    }
    return Optional.of(known.client());
  }

  private static Map<Path, FileTime> files(Path home) throws IOException {
    Map<Path, FileTime> files = new TreeMap<>();
    try (Stream<Path> all = Files.list(home)) {
      for (Path file : all.filter(each -> each.toString().endsWith(".crt")).toList()) {
        files.put(file, Files.getLastModifiedTime(file));
      }
    } catch (NoSuchFileException gone) {
      return Map.of(); // Removed meanwhile: nothing more than the system's.
    }
    return files;
  }

  private static SSLContext context(Collection<Path> files) throws IOException {
    try {
      KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      for (Path file : files) {
        for (Certificate certificate : read(file)) {
          store.setCertificateEntry(file + "#" + store.size(), certificate);
        }
      }
      List<X509TrustManager> either = new ArrayList<>(managers(null));
      if (store.size() > 0) { // A manager that trusts nobody fails at everybody.
        either.addAll(managers(store));
      }
      SSLContext context = SSLContext.getInstance("TLS");
      context.init(null, new TrustManager[] {new EitherTrusted(either)}, null);
      return context;
    } catch (GeneralSecurityException e) {
      throw new IOException("cannot use the certificates " + files, e);
    }
  }

  private static Collection<? extends Certificate> read(Path file)
      throws IOException, GeneralSecurityException {
    try (InputStream in = Files.newInputStream(file)) {
      return CertificateFactory.getInstance("X.509").generateCertificates(in);
    }
  }

  private static List<X509TrustManager> managers(@Nullable KeyStore store)
      throws GeneralSecurityException {
    TrustManagerFactory factory =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return Stream.of(factory.getTrustManagers())
        .filter(X509TrustManager.class::isInstance)
        .map(X509TrustManager.class::cast)
        .toList();
  }

  /** Lets go of the connections. */
  void close() {
    clients.values().forEach(each -> each.client().shutdownNow());
  }
}
