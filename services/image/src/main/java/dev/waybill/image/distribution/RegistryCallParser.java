package dev.waybill.image.distribution;

import dev.waybill.image.catalog.ManifestKey;
import dev.waybill.image.distribution.RegistryCall.Unknown;
import dev.waybill.kernel.Digest;
import dev.waybill.oci.distribution.ErrorCode;
import dev.waybill.oci.image.Reference;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Tells what a method and a path ask for. Names of repositories contain slashes, and may even
 * contain the words of the API, so paths are read from their end.
 */
public final class RegistryCallParser {
  private static final Pattern UPLOADS = Pattern.compile("/v2/(.+)/blobs/uploads(?:/([^/]*))?");
  private static final Pattern BLOB = Pattern.compile("/v2/(.+)/blobs/([^/]+)");
  private static final Pattern MANIFEST = Pattern.compile("/v2/(.+)/manifests/([^/]+)");
  private static final Pattern TAGS = Pattern.compile("/v2/(.+)/tags/list");
  private static final Pattern REFERRERS = Pattern.compile("/v2/(.+)/referrers/([^/]+)");

  private static final String READ = "GET, HEAD";

  private RegistryCallParser() {}

  /** What this asks for; a path that asks for nothing gives the answer to that. */
  public static RegistryCall parse(String method, String path) {
    boolean reads = method.equals("GET") || method.equals("HEAD");
    if (path.equals("/v2/") || path.equals("/v2")) {
      return reads ? new RegistryCall.Base() : unsupported(method, READ);
    }
    if (path.equals("/v2/_catalog")) {
      return reads ? new RegistryCall.ListRepositories() : unsupported(method, READ);
    }
    Matcher uploads = UPLOADS.matcher(path);
    if (uploads.matches()) {
      String id = uploads.group(2) == null ? "" : uploads.group(2);
      return named(uploads.group(1), repository -> upload(method, repository, id));
    }
    Matcher manifest = MANIFEST.matcher(path);
    if (manifest.matches()) {
      return named(manifest.group(1), name -> manifest(method, name, manifest.group(2)));
    }
    Matcher blob = BLOB.matcher(path);
    if (blob.matches()) {
      return named(blob.group(1), name -> blob(method, name, blob.group(2)));
    }
    Matcher tags = TAGS.matcher(path);
    if (tags.matches()) {
      return reads ? named(tags.group(1), RegistryCall.ListTags::new) : unsupported(method, READ);
    }
    Matcher referrers = REFERRERS.matcher(path);
    if (referrers.matches()) {
      return reads
          ? named(referrers.group(1), name -> referrers(name, referrers.group(2)))
          : unsupported(method, READ);
    }
    return new Unknown(
        RegistryReply.error(404, ErrorCode.UNSUPPORTED, "no such endpoint: " + path));
  }

  private static RegistryCall referrers(String repository, String subject) {
    return digest(subject, it -> new RegistryCall.ListReferrers(repository, it));
  }

  private static RegistryCall upload(String method, String repository, String id) {
    if (id.isEmpty()) {
      return method.equals("POST")
          ? new RegistryCall.StartUpload(repository)
          : unsupported(method, "POST");
    }
    return switch (method) {
      case "GET", "HEAD" -> new RegistryCall.UploadStatus(repository, id);
      case "PATCH" -> new RegistryCall.AppendUpload(repository, id);
      case "PUT" -> new RegistryCall.FinishUpload(repository, id);
      case "DELETE" -> new RegistryCall.CancelUpload(repository, id);
      default -> unsupported(method, "DELETE, GET, HEAD, PATCH, PUT");
    };
  }

  private static RegistryCall manifest(String method, String repository, String text) {
    ManifestKey key;
    try {
      key = ManifestKey.parse(text);
    } catch (IllegalArgumentException e) {
      return new Unknown(
          RegistryReply.error(withoutKey(method, text), String.valueOf(e.getMessage())));
    }
    return switch (method) {
      case "GET", "HEAD" -> new RegistryCall.GetManifest(repository, key);
      case "PUT" -> new RegistryCall.PutManifest(repository, key);
      case "DELETE" -> new RegistryCall.DeleteManifest(repository, key);
      default -> unsupported(method, "DELETE, GET, HEAD, PUT");
    };
  }

  /** Whoever asks for what no tag can be called asks for something that isn't there. */
  private static ErrorCode withoutKey(String method, String text) {
    if (text.indexOf(':') >= 0) {
      return ErrorCode.DIGEST_INVALID;
    }
    return method.equals("PUT") ? ErrorCode.MANIFEST_INVALID : ErrorCode.MANIFEST_UNKNOWN;
  }

  private static RegistryCall blob(String method, String repository, String text) {
    return switch (method) {
      case "HEAD" -> digest(text, it -> new RegistryCall.HeadBlob(repository, it));
      case "GET" -> digest(text, it -> new RegistryCall.GetBlob(repository, it));
      case "DELETE" -> digest(text, it -> new RegistryCall.DeleteBlob(repository, it));
      default -> unsupported(method, "DELETE, GET, HEAD");
    };
  }

  private static RegistryCall digest(String text, Function<Digest, RegistryCall> then) {
    try {
      return then.apply(Digest.parse(text));
    } catch (IllegalArgumentException e) {
      return new Unknown(
          RegistryReply.error(ErrorCode.DIGEST_INVALID, String.valueOf(e.getMessage())));
    }
  }

  private static RegistryCall named(String repository, Function<String, RegistryCall> then) {
    return Reference.isRepository(repository)
        ? then.apply(repository)
        : new Unknown(
            RegistryReply.error(
                ErrorCode.NAME_INVALID, "invalid repository name '" + repository + "'"));
  }

  private static RegistryCall unsupported(String method, String allowed) {
    return new Unknown(
        RegistryReply.error(ErrorCode.UNSUPPORTED, "method " + method + " is not allowed here")
            .with("Allow", allowed));
  }
}
