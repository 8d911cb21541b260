package dev.waybill.oci.image;

import dev.waybill.kernel.Digest;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The name of an image: {@code host/repository[:tag][@digest]}.
 *
 * <p>Short names are completed as Docker does: {@code alpine} means {@code
 * docker.io/library/alpine:latest}. Whether the host was written or supplied is kept, because a
 * name without a host may be looked for elsewhere first.
 *
 * @param host registry host with an optional port, {@code docker.io} if none was written
 * @param origin whether the host was written by whoever named the image
 * @param repository path of the repository in that registry, lower case
 * @param tag the tag, absent only where a digest alone names the image
 * @param digest the digest the name is pinned to, if any
 * @see <a
 *     href="https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#pulling-manifests">distribution-spec,
 *     pulling manifests</a>
 */
public record Reference(
    String host,
    HostOrigin origin,
    String repository,
    @Nullable String tag,
    @Nullable Digest digest) {
  /** The registry that a name without a host means. */
  public static final String DEFAULT_HOST = "docker.io";

  private static final String DEFAULT_API_HOST = "registry-1.docker.io";
  private static final String OFFICIAL_NAMESPACE = "library/";
  private static final String DEFAULT_TAG = "latest";
  private static final int REPOSITORY_LENGTH_MAX = 255;
  private static final Pattern HOST =
      Pattern.compile(
          "[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?"
              + "(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*(?::[0-9]{1,5})?");
  private static final Pattern REPOSITORY =
      Pattern.compile(
          "[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*(?:/[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*)*");
  private static final Pattern TAG = Pattern.compile("[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}");

  /** Where the host of a reference comes from. */
  public enum HostOrigin {
    /** Written in the name. */
    EXPLICIT,
    /** Supplied, because the name had none. */
    DEFAULTED
  }

  public Reference {
    if (!HOST.matcher(host).matches()) {
      throw new IllegalArgumentException(
          "invalid registry host '" + host + "', expected name[:port]");
    }
    if (!isRepository(repository)) {
      throw new IllegalArgumentException(
          "invalid repository '"
              + repository
              + "', expected lower-case path components of letters, digits, '.', '_' and '-'");
    }
    if (tag != null && !isTag(tag)) {
      throw new IllegalArgumentException(
          "invalid tag '" + tag + "', expected up to 128 letters, digits, '_', '.' and '-'");
    }
    if (tag == null && digest == null) {
      throw new IllegalArgumentException("a reference needs a tag or a digest: " + repository);
    }
  }

  /** Whether this is a legal repository path. */
  public static boolean isRepository(String path) {
    return path.length() <= REPOSITORY_LENGTH_MAX && REPOSITORY.matcher(path).matches();
  }

  /** Whether this is a legal tag. */
  public static boolean isTag(String tag) {
    return TAG.matcher(tag).matches();
  }

  /**
   * Reads a reference as people write it.
   *
   * @throws IllegalArgumentException if it is none; the message names the part at fault
   */
  public static Reference parse(String text) {
    String rest = text;
    Digest digest = null;
    int at = rest.indexOf('@');
    if (at >= 0) {
      digest = Digest.parse(rest.substring(at + 1));
      rest = rest.substring(0, at);
    }
    String tag = null;
    int colon = rest.lastIndexOf(':');
    if (colon > rest.lastIndexOf('/')) {
      tag = rest.substring(colon + 1);
      rest = rest.substring(0, colon);
    }
    if (tag == null && digest == null) {
      tag = DEFAULT_TAG;
    }
    int slash = rest.indexOf('/');
    if (slash > 0 && looksLikeHost(rest.substring(0, slash))) {
      String host = canonicalHost(rest.substring(0, slash));
      return new Reference(
          host, HostOrigin.EXPLICIT, completed(host, rest.substring(slash + 1)), tag, digest);
    }
    return new Reference(
        DEFAULT_HOST, HostOrigin.DEFAULTED, completed(DEFAULT_HOST, rest), tag, digest);
  }

  private static boolean looksLikeHost(String component) {
    return component.indexOf('.') >= 0
        || component.indexOf(':') >= 0
        || component.equals("localhost")
        || !component.equals(component.toLowerCase(Locale.ROOT));
  }

  /** The one name of a registry that is known by several. */
  public static String canonicalHost(String host) {
    String lower = host.toLowerCase(Locale.ROOT);
    return lower.equals("index.docker.io") || lower.equals(DEFAULT_API_HOST) ? DEFAULT_HOST : lower;
  }

  private static String completed(String host, String path) {
    return host.equals(DEFAULT_HOST) && path.indexOf('/') < 0 ? OFFICIAL_NAMESPACE + path : path;
  }

  /** The host that serves the registry API for {@link #host()}. */
  public String apiHost() {
    return host.equals(DEFAULT_HOST) ? DEFAULT_API_HOST : host;
  }

  /** What to ask the registry for: the digest where the reference has one, else the tag. */
  public String manifestKey() {
    return digest != null ? digest.toString() : Optional.ofNullable(tag).orElseThrow();
  }

  /** The repository as people write it: without {@code library/} on the default registry. */
  public String familiarRepository() {
    return host.equals(DEFAULT_HOST)
            && repository.startsWith(OFFICIAL_NAMESPACE)
            && repository.indexOf('/', OFFICIAL_NAMESPACE.length()) < 0
        ? repository.substring(OFFICIAL_NAMESPACE.length())
        : repository;
  }

  /** The shortest form that {@link #parse} reads back as an equal name. */
  public String familiar() {
    String name =
        host.equals(DEFAULT_HOST) ? familiarRepository() : host + "/" + familiarRepository();
    return name + suffix();
  }

  /** The same name, pinned to this digest. */
  public Reference pinned(Digest to) {
    return new Reference(host, origin, repository, tag, to);
  }

  private String suffix() {
    return (tag == null ? "" : ":" + tag) + (digest == null ? "" : "@" + digest);
  }

  /** The complete name, host and all. */
  @Override
  public String toString() {
    return host + "/" + repository + suffix();
  }
}
