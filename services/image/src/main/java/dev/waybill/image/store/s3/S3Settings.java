package dev.waybill.image.store.s3;

import java.net.URI;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the objects are, and as whom.
 *
 * @param bucket that exists
 * @param prefix of all keys, empty or ending in a slash
 * @param endpoint other than Amazon's, {@code http://} or {@code https://}
 * @param region of the bucket; absent, what the SDK finds, and any will do with an endpoint
 * @param addressing of the bucket
 * @param credentials a file with a profile {@code default} as the AWS tools have it, read for each
 *     request; absent, what the SDK finds in environment, profile or machine
 */
public record S3Settings(
    String bucket,
    String prefix,
    Optional<URI> endpoint,
    Optional<String> region,
    Addressing addressing,
    Optional<Path> credentials) {

  /** Where in a URL the bucket is named. */
  public enum Addressing {
    /** {@code https://BUCKET.HOST/KEY}. */
    HOST,
    /** {@code https://HOST/BUCKET/KEY}, as most servers other than Amazon's want it. */
    PATH
  }

  /**
   * @throws IllegalArgumentException if one of them can't be; says which setting it is
   */
  public S3Settings {
    if (bucket.isBlank() || bucket.contains("/")) {
      throw new IllegalArgumentException(
          "waybill.image.s3.bucket is '" + bucket + "', set it to the name of a bucket");
    }
    if (prefix.startsWith("/")) {
      throw new IllegalArgumentException(
          "waybill.image.s3.prefix is '" + prefix + "', leave out the first slash");
    }
    prefix = prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/";
    endpoint.ifPresent(S3Settings::requireHttp);
  }

  private static void requireHttp(URI endpoint) {
    String scheme = String.valueOf(endpoint.getScheme());
    if (endpoint.getHost() == null || !(scheme.equals("http") || scheme.equals("https"))) {
      throw new IllegalArgumentException(
          "waybill.image.s3.endpoint is '" + endpoint + "', set it to http[s]://HOST[:PORT]");
    }
    if (endpoint.getUserInfo() != null) {
      throw new IllegalArgumentException(
          "waybill.image.s3.endpoint has a password in it, use waybill.image.s3.credentials-file");
    }
  }

  /** The endpoint as people name it. */
  String place() {
    return endpoint.map(URI::toString).orElse("Amazon S3");
  }
}
